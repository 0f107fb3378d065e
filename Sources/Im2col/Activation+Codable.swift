/// Encoded as a string, or as an object with one key for a function with parameters:
///
///     "relu"    {"leakyRelu": 0.01}    {"elu": 1}    {"clip": {"min": -1, "max": 1}}
///
/// A bound of a clip that is infinite is left out.
extension Activation: Codable {
  private enum CodingKeys: String, CodingKey { case leakyRelu, elu, clip }

  private enum BoundKeys: String, CodingKey { case min, max }

  /// The functions without parameters, with their names in files.
  private static let names: [(name: String, activation: Activation)] = [
    ("identity", .identity), ("relu", .relu), ("tanh", .tanh), ("sigmoid", .sigmoid), ("softmax", .softmax),
    ("relu6", .relu6), ("hardSigmoid", .hardSigmoid), ("hardSwish", .hardSwish), ("softplus", .softplus),
  ]

  /// The functions without parameters.
  package static let withoutParameters = names.map(\.activation)

  /// The name in files of a function without parameters.
  private var name: String? { Activation.names.first { $0.activation == self }?.name }

  /// Decodes a string, or an object with one key.
  public init(from decoder: any Decoder) throws {
    func corrupted(_ problem: String) -> DecodingError {
      .dataCorrupted(DecodingError.Context(codingPath: decoder.codingPath, debugDescription: problem))
    }
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      guard let found = Activation.names.first(where: { $0.name == name }) else {
        throw corrupted("unknown activation \"\(name)\"")
      }
      self = found.activation
      return
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    guard values.allKeys.count == 1 else {
      throw corrupted("an activation is a string, or an object with one of the keys leakyRelu, elu, clip")
    }
    if let slope = try values.decodeIfPresent(Float.self, forKey: .leakyRelu) {
      self = .leakyRelu(slope: slope)
    } else if let alpha = try values.decodeIfPresent(Float.self, forKey: .elu) {
      self = .elu(alpha: alpha)
    } else {
      let bounds = try values.nestedContainer(keyedBy: BoundKeys.self, forKey: .clip)
      self = .clip(
        min: try bounds.decodeIfPresent(Float.self, forKey: .min) ?? -.infinity,
        max: try bounds.decodeIfPresent(Float.self, forKey: .max) ?? .infinity)
    }
    do { try validate() } catch { throw corrupted(error.description) }
  }

  /// Encodes a string, or an object with one key.
  public func encode(to encoder: any Encoder) throws {
    switch kind {
    case .leakyRelu(let slope):
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(slope, forKey: .leakyRelu)
    case .elu(let alpha):
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(alpha, forKey: .elu)
    case .clip(let min, let max):
      var values = encoder.container(keyedBy: CodingKeys.self)
      var bounds = values.nestedContainer(keyedBy: BoundKeys.self, forKey: .clip)
      if min.isFinite { try bounds.encode(min, forKey: .min) }
      if max.isFinite { try bounds.encode(max, forKey: .max) }
    default:
      var string = encoder.singleValueContainer()
      try string.encode(name)
    }
  }
}

extension Activation: CustomStringConvertible {
  /// The name, and the parameters in parentheses.
  public var description: String {
    switch kind {
    case .leakyRelu(let slope): "leakyRelu(slope: \(slope))"
    case .elu(let alpha): "elu(alpha: \(alpha))"
    case .clip(let min, let max): "clip(min: \(min), max: \(max))"
    default: name ?? ""
    }
  }
}
