import Glibc
import Im2col

/// An initializer of a parameter array. The values depend only on the seed and the index of the array.
public enum Initializer: Sendable, Hashable {
  /// Zeros.
  case zeros
  /// A constant.
  case constant(Float)
  /// A normal distribution with mean 0, not truncated.
  case normal(standardDeviation: Float)
  /// He initialization as in Keras: a normal distribution truncated at two standard deviations, where
  /// sigma = sqrt(2 / fanIn) / 0.87962566103423978, so that the truncated distribution has variance 2 /
  /// fanIn.
  ///
  /// He, Zhang, Ren, Sun, "Delving deep into rectifiers", arXiv 1502.01852.
  case heNormal
  /// `contrib.layers.variance_scaling_initializer` of TensorFlow 1: a normal distribution truncated at two
  /// sigma, where sigma = sqrt(2.6 / fanIn).
  case varianceScalingTF1
  /// Glorot initialization: uniform in +-sqrt(6 / (fanIn + fanOut)).
  ///
  /// Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS
  /// 2010.
  case glorotUniform

  /// Returns the initial values of a parameter array.
  ///
  /// - Parameters:
  ///   - shape: the shape of the array.
  ///   - fanIn: the number of inputs of one output.
  ///   - fanOut: the number of outputs that depend on one input.
  ///   - seed: the random seed.
  ///   - index: the index of the array in the model.
  /// - Throws: `EngineError.shape` when the shape, a fan or a setting of the initializer is out of range.
  /// - Complexity: O(*n*) where *n* is the number of scalars.
  public func values(
    shape: [Int], fanIn: Int, fanOut: Int, seed: UInt64, parameterIndex index: Int
  ) throws(EngineError) -> Tensor {
    let count = try EngineError.shapes { () throws(ShapeError) -> Int in
      try ShapeError.requirePositive(fanIn, "the fan-in")
      try ShapeError.requirePositive(fanOut, "the fan-out")
      try validate()
      return try ShapeError.elementCount(of: shape, named: "parameter")
    }
    var tensor = Tensor(zeros: shape)
    tensor.withUnsafeMutableScalars {
      fill($0, count, fanIn: fanIn, fanOut: fanOut, seed: seed, parameterIndex: index)
    }
    return tensor
  }

  /// Writes the initial values into memory that the caller owns.
  package func fill(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, fanIn: Int, fanOut: Int, seed: UInt64,
    parameterIndex index: Int
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
  /// Writes the numbers of one `Normals` sequence; parts of a large array are computed in parallel.
  private func fillNormal(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, sigma: Double, _ random: CounterRandom
  ) {
    let part = 1 << 16
    ComputeOptions.default.workers.run((count + part - 1) / part) { index, _ in
      let start = index * part
      var normals = Normals(random, from: UInt64(start / 2))
      for i in start..<min(start + part, count) { values[i] = Float(sigma * normals.next()) }
    }
  }

  /// Checks the settings.
  ///
  /// - Throws: `ShapeError.unsupported` with the value that is out of range.
  func validate() throws(ShapeError) {
    switch self {
    case .constant(let value) where !value.isFinite:
      throw .unsupported("the constant of an initializer is \(value); it must be finite")
    case .normal(let sigma) where !(sigma >= 0 && sigma.isFinite):
      throw .unsupported(
        "the standard deviation of an initializer is \(sigma); it must be finite and not negative")
    default: break
    }
  }
}

/// Encoded as a string, or as an object with one key for parameterized cases: `{"constant": 1}`.
extension Initializer: Codable {
  private enum CodingKeys: String, CodingKey { case constant, normal }

  private static let names: [(name: String, initializer: Initializer)] = [
    ("zeros", .zeros), ("heNormal", .heNormal), ("varianceScalingTF1", .varianceScalingTF1),
    ("glorotUniform", .glorotUniform),
  ]

  /// Decodes a string, or an object with one key.
  public init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      guard let found = Initializer.names.first(where: { $0.name == name }) else {
        throw DecodingError.dataCorrupted(
          DecodingError.Context(
            codingPath: decoder.codingPath, debugDescription: "unknown initializer \"\(name)\""))
      }
      self = found.initializer
      return
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    if let value = try values.decodeIfPresent(Float.self, forKey: .constant) {
      self = .constant(value)
    } else {
      self = .normal(standardDeviation: try values.decode(Float.self, forKey: .normal))
    }
  }

  /// Encodes a string, or an object with one key.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .constant(let value):
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(value, forKey: .constant)
    case .normal(let standardDeviation):
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(standardDeviation, forKey: .normal)
    default:
      var string = encoder.singleValueContainer()
      try string.encode(Initializer.names.first { $0.initializer == self }?.name)
    }
  }
}

/// A sequence of standard normal numbers, by the Box-Muller transform.
private struct Normals {
  let random: CounterRandom
  var pair: UInt64
  var spare: Double?

  /// - Parameter pair: the index of the first pair of numbers.
  init(_ random: CounterRandom, from pair: UInt64 = 0) { (self.random, self.pair) = (random, pair) }

  /// Returns the next number within two standard deviations, skipping those outside.
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
    // Block n holds numbers 2n and 2n + 1 of the stream.
    let words = random.block(pair)
    pair += 1
    let (first, second) = (
      UInt64(words[1]) << 32 | UInt64(words[0]), UInt64(words[3]) << 32 | UInt64(words[2])
    )
    // 1 - first is in (0, 1], so the logarithm is finite.
    let radius = (-2 * log(1 - first.unitInterval)).squareRoot()
    let angle = 2 * Double.pi * second.unitInterval
    spare = radius * sin(angle)
    return radius * cos(angle)
  }
}

extension UInt64 {
  /// The upper 53 bits, scaled to `0..<1`.
  fileprivate var unitInterval: Double { Double(self >> 11) * 0x1p-53 }
}
