import Im2col

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How a parameter array starts; the numbers follow from (seed, index of the array) alone.
public enum Initializer: Sendable, Hashable {
  /// All zeros: biases.
  case zeros
  /// All the same number.
  case constant(Float)
  /// A normal distribution around 0, not cut off.
  case normal(standardDeviation: Float)
  /// He, Zhang, Ren, Sun, "Delving deep into rectifiers", arXiv 1502.01852, as Keras has it: a normal
  /// distribution cut off at two sigma, sigma = sqrt(2 / fan in) / 0.87962566103423978, so that what is
  /// left has variance 2 / fan in.
  case heNormal
  /// TensorFlow 1's `contrib.layers.variance_scaling_initializer`: cut off at two sigma,
  /// sigma = sqrt(2.6 / fan in).
  case varianceScalingTF1
  /// Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks",
  /// AISTATS 2010: uniform in +-sqrt(6 / (fan in + fan out)).
  case glorotUniform

  /// Fresh numbers for one array.
  ///
  /// - Parameters:
  ///   - shape: of the array.
  ///   - fanIn: terms in the sum that makes one output.
  ///   - fanOut: outputs that one input takes part in.
  ///   - seed: what the user chose.
  ///   - index: which array of the model this is.
  /// - Throws: `EngineError.shape` when the shape, a fan or one of the initializer's own numbers is out of range.
  /// - Complexity: O(*n*) where *n* is the number of scalars.
  public func values(
    shape: [Int], fanIn: Int, fanOut: Int, seed: UInt64, parameter index: Int
  ) throws(EngineError) -> Tensor {
    let count = try EngineError.shapes { () throws(ShapeError) -> Int in
      try ShapeError.requirePositive(fanIn, "the fan in")
      try ShapeError.requirePositive(fanOut, "the fan out")
      try validate()
      return try ShapeError.elementCount(of: shape, named: "parameter")
    }
    var tensor = Tensor(zeros: shape)
    tensor.withUnsafeMutableScalars {
      fill($0, count, fanIn: fanIn, fanOut: fanOut, seed: seed, parameter: index)
    }
    return tensor
  }

  /// Writes fresh numbers into memory that the caller owns.
  package func fill(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, fanIn: Int, fanOut: Int, seed: UInt64,
    parameter index: Int
  ) {
    let random = CounterRandom(seed: seed, stream: .initialValues(parameter: index))
    switch self {
    case .zeros:
      values.update(repeating: 0, count: count)
    case .constant(let value):
      values.update(repeating: value, count: count)
    case .normal(let sigma):
      fillNormal(values, count, sigma: Double(sigma), random)
    case .heNormal:
      let sigma = (2 / Double(fanIn)).squareRoot() / 0.879_625_661_034_239_78
      var normals = Normals(random)
      for i in 0..<count { values[i] = Float(sigma * normals.nextWithinTwo()) }
    case .varianceScalingTF1:
      let sigma = (2.6 / Double(fanIn)).squareRoot()
      var normals = Normals(random)
      for i in 0..<count { values[i] = Float(sigma * normals.nextWithinTwo()) }
    case .glorotUniform:
      let limit = (6 / (Double(fanIn) + Double(fanOut))).squareRoot()
      for i in 0..<count { values[i] = Float(limit * (2 * random[UInt64(i)].unitInterval - 1)) }
    }
  }
}

extension Initializer {
  /// The numbers of `Normals` one after the other; those of a large array are looked up by several threads.
  private func fillNormal(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, sigma: Double, _ random: CounterRandom
  ) {
    let part = 1 << 16
    ComputeOptions.default.workers.run((count + part - 1) / part) { index, _ in
      let start = index * part
      var normals = Normals(random, from: UInt64(start))
      for i in start..<min(start + part, count) { values[i] = Float(sigma * normals.next()) }
    }
  }

  /// Checks the initializer's own numbers.
  ///
  /// - Throws: `ShapeError.unsupported` naming the one that makes no sense.
  func validate() throws(ShapeError) {
    switch self {
    case .constant(let value) where !value.isFinite:
      throw .unsupported("an initializer's constant is \(value); it must be a finite number")
    case .normal(let sigma) where !(sigma >= 0 && sigma.isFinite):
      throw .unsupported(
        "an initializer's standard deviation is \(sigma); it must be a finite number not below 0")
    default: break
    }
  }
}

/// A word for those without numbers of their own, `{"constant": 1}` and `{"normal": 0.01}` for the others.
extension Initializer: Codable {
  private enum CodingKeys: String, CodingKey { case constant, normal }

  private static let words: [(word: String, initializer: Initializer)] = [
    ("zeros", .zeros), ("heNormal", .heNormal), ("varianceScalingTF1", .varianceScalingTF1),
    ("glorotUniform", .glorotUniform),
  ]

  /// Reads a word, or an object with one number.
  public init(from decoder: any Decoder) throws {
    if let word = try? decoder.singleValueContainer().decode(String.self) {
      guard let found = Initializer.words.first(where: { $0.word == word }) else {
        throw DecodingError.dataCorrupted(
          DecodingError.Context(
            codingPath: decoder.codingPath, debugDescription: "there is no initializer \"\(word)\""))
      }
      self = found.initializer
      return
    }
    let numbers = try decoder.container(keyedBy: CodingKeys.self)
    if let value = try numbers.decodeIfPresent(Float.self, forKey: .constant) {
      self = .constant(value)
    } else {
      self = .normal(standardDeviation: try numbers.decode(Float.self, forKey: .normal))
    }
  }

  /// Writes a word, or an object with one number.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .constant(let value):
      var numbers = encoder.container(keyedBy: CodingKeys.self)
      try numbers.encode(value, forKey: .constant)
    case .normal(let standardDeviation):
      var numbers = encoder.container(keyedBy: CodingKeys.self)
      try numbers.encode(standardDeviation, forKey: .normal)
    default:
      var word = encoder.singleValueContainer()
      try word.encode(Initializer.words.first { $0.initializer == self }?.word)
    }
  }
}

/// Standard normal numbers, one after the other: Box and Muller's pairs.
private struct Normals {
  let random: CounterRandom
  var counter: UInt64
  var spare: Double?

  /// - Parameter first: an even number of those to leave out.
  init(_ random: CounterRandom, from first: UInt64 = 0) { (self.random, counter) = (random, first) }

  /// The next one within two sigma; those outside are left out.
  mutating func nextWithinTwo() -> Double {
    while true {
      let candidate = next()
      if abs(candidate) <= 2 { return candidate }
    }
  }

  mutating func next() -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    // The first number must not be 0, whose logarithm is infinite.
    let radius = (-2 * log(1 - random[counter].unitInterval)).squareRoot()
    let angle = 2 * Double.pi * random[counter + 1].unitInterval
    counter += 2
    spare = radius * sin(angle)
    return radius * cos(angle)
  }
}

extension UInt64 {
  /// The upper 53 bits as a number in `0..<1`.
  fileprivate var unitInterval: Double { Double(self >> 11) * 0x1p-53 }
}
