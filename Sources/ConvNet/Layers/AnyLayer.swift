/// A layer of any type, as a value that can be compared, hashed and stored in files.
///
/// In a file it is an object with the name of the type, the version of the encoding and the settings:
///
///     {"type":"pooling","version":1,"settings":{...}}
///
/// A decoder finds the type among the layers of this package and those in its `userInfo` under
/// `AnyLayer.types`.
public struct AnyLayer: Sendable, Hashable {
  /// The layer.
  public let layer: any Layer

  /// Boxes a layer.
  public init(_ layer: some Layer) { self.layer = layer }

  /// Whether two layers have the same type and equal settings.
  public static func == (one: AnyLayer, other: AnyLayer) -> Bool {
    func isEqual<L: Layer>(_ layer: L) -> Bool { other.layer as? L == layer }
    return isEqual(one.layer)
  }

  /// Hashes the settings.
  public func hash(into hasher: inout Hasher) { layer.hash(into: &hasher) }
}

extension AnyLayer: Codable {
  /// The key of a decoder's `userInfo` for the layer types of other packages, an array of `any Layer.Type`.
  public static let types: CodingUserInfoKey = {
    guard let key = CodingUserInfoKey(rawValue: "layers") else { preconditionFailure("an invalid key") }
    return key
  }()

  /// The layer types of this package.
  package static let builtIn: [any Layer.Type] = [
    ConvolutionLayer.self, PoolingLayer.self, FlattenLayer.self, DenseLayer.self, ActivationLayer.self,
    DropoutLayer.self, ResponseNormalizationLayer.self, AddLayer.self, ConcatenateLayer.self,
    BatchNormalizationLayer.self,
    GlobalPoolingLayer.self, ZeroPaddingLayer.self, PReLULayer.self, TransposedConvolutionLayer.self,
  ]

  private enum CodingKeys: String, CodingKey { case type, version, settings }

  /// Decodes a layer.
  ///
  /// - Throws: `UnknownLayer` when the decoder knows no such type, or only an earlier version of it.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let name = try values.decode(String.self, forKey: .type)
    let version = try values.decode(Int.self, forKey: .version)
    let others = decoder.userInfo[AnyLayer.types] as? [any Layer.Type] ?? []
    guard let type = (AnyLayer.builtIn + others).first(where: { $0.typeName == name }) else {
      throw UnknownLayer(typeName: name, version: version, knownVersion: nil)
    }
    guard (1...max(type.version, 1)).contains(version) else {
      throw UnknownLayer(typeName: name, version: version, knownVersion: type.version)
    }
    func decoded<L: Layer>(_ type: L.Type) throws -> any Layer {
      try values.decode(type, forKey: .settings)
    }
    layer = try decoded(type)
  }

  /// Encodes the name of the type, the version and the settings.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(type(of: layer).typeName, forKey: .type)
    try values.encode(type(of: layer).version, forKey: .version)
    try values.encode(layer, forKey: .settings)
  }
}

/// A layer in a file whose type, or whose version of the encoding, the decoder does not know.
public struct UnknownLayer: Error, Sendable, Equatable, CustomStringConvertible {
  /// The name of the type.
  public let typeName: String
  /// The version of the encoding.
  public let version: Int
  /// The latest version that is known; nil when the type is not known.
  public let knownVersion: Int?

  /// Creates an error.
  public init(typeName: String, version: Int, knownVersion: Int?) {
    (self.typeName, self.version, self.knownVersion) = (typeName, version, knownVersion)
  }

  /// The name, the version and the remedy.
  public var description: String {
    if let knownVersion {
      "the layer type \"\(typeName.printable)\" has version \(version), and this program knows versions up to "
        + "\(knownVersion); use a program that is at least as new as the file"
    } else {
      "the layer type \"\(typeName.printable)\" is not known; pass its Swift type when reading the file"
    }
  }
}
