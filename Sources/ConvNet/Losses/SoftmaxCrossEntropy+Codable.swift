/// Encoded as 0.1.0's string, or as an object if it has settings.
extension SoftmaxCrossEntropy: Codable {
  private enum CodingKeys: String, CodingKey { case labelSmoothing, classWeights }

  private static let name = "categoricalCrossEntropy"

  /// Decodes the string, or an object.
  public init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      guard name == SoftmaxCrossEntropy.name else {
        throw DecodingError.dataCorrupted(
          DecodingError.Context(
            codingPath: decoder.codingPath, debugDescription: "unknown loss \"\(name)\""))
      }
      self.init()
      return
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      labelSmoothing: try values.decodeIfPresent(Float.self, forKey: .labelSmoothing) ?? 0,
      classWeights: try values.decodeIfPresent([Float].self, forKey: .classWeights))
  }

  /// Encodes the string, or an object.
  public func encode(to encoder: any Encoder) throws {
    guard self != SoftmaxCrossEntropy() else {
      var string = encoder.singleValueContainer()
      return try string.encode(SoftmaxCrossEntropy.name)
    }
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(labelSmoothing, forKey: .labelSmoothing)
    try values.encodeIfPresent(classWeights, forKey: .classWeights)
  }
}
