import Im2col

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How a parameter array starts; the numbers follow from (seed, index of the array) alone.
public enum Initializer: String, Sendable, Hashable, CaseIterable, Codable {
  /// All zeros: biases.
  case zeros
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
  /// - Throws: `EngineError.shape` when the shape or a fan is out of range.
  /// - Complexity: O(*n*) where *n* is the number of scalars.
  public func values(
    shape: [Int], fanIn: Int, fanOut: Int, seed: UInt64, parameter index: Int
  ) throws(EngineError) -> Tensor {
    let count = try EngineError.shapes { () throws(ShapeError) -> Int in
      try ShapeError.requirePositive(fanIn, "the fan in")
      try ShapeError.requirePositive(fanOut, "the fan out")
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
    case .heNormal:
      let sigma = (2 / Double(fanIn)).squareRoot() / 0.879_625_661_034_239_78
      var normals = TruncatedNormals(random)
      for i in 0..<count { values[i] = Float(sigma * normals.next()) }
    case .varianceScalingTF1:
      let sigma = (2.6 / Double(fanIn)).squareRoot()
      var normals = TruncatedNormals(random)
      for i in 0..<count { values[i] = Float(sigma * normals.next()) }
    case .glorotUniform:
      let limit = (6 / (Double(fanIn) + Double(fanOut))).squareRoot()
      for i in 0..<count { values[i] = Float(limit * (2 * random[UInt64(i)].unitInterval - 1)) }
    }
  }
}

/// Standard normal numbers within two sigma, one after the other: Box and Muller's pairs, those outside left out.
private struct TruncatedNormals {
  let random: CounterRandom
  var counter: UInt64 = 0
  var spare: Double?

  init(_ random: CounterRandom) { self.random = random }

  mutating func next() -> Double {
    while true {
      let candidate = normal()
      if abs(candidate) <= 2 { return candidate }
    }
  }

  private mutating func normal() -> Double {
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
