import ConvNet
import Foundation

/// The metadata of a model file.
///
///     key                 value
///     model_format        1
///     input_shape         [28,28,1]
///     layers              [{"kind":{"convolution":...},"name":"conv1"},...]
///     pixel_divisor       255
///     class_names         ["0","1",...]
///     versions            {"core":"SkylakeX","openBLAS":"OpenBLAS 0.3.21 ...","package":"0.1.0"}
///     parameters_sha256   64 hexadecimal digits
///     notes               {"dataset":"mnist","seed":"0",...}
///     history             [{"accuracy":0.94,"loss":0.18,...},...], one entry per epoch
///
/// All are optional when a file is read; other keys are ignored.
struct ModelMetadata {
  var inputShape: [Int]?
  var layers: [Layer]?
  var pixelDivisor: Int?
  var classNames: [String]?
  var versions: Versions?
  var digest: String?
  var notes: [String: String] = [:]
  var history: [EpochScores] = []

  /// The version of the format that is written, and the only one that is read.
  static let format = 1

  private enum Key: String {
    case format = "model_format"
    case inputShape = "input_shape"
    case layers
    case pixelDivisor = "pixel_divisor"
    case classNames = "class_names"
    case versions
    case digest = "parameters_sha256"
    case notes, history
  }

  init() {}

  // MARK: - Decoding

  /// - Throws: `ModelFileError.unknownFormat` or `.malformed`.
  init(decoding metadata: [String: String]) throws(ModelFileError) {
    if let format = metadata[Key.format.rawValue], format != String(Self.format) {
      throw .unknownFormat(format, known: Self.format)
    }
    inputShape = try Self.decode(metadata, .inputShape)
    layers = try Self.decode(metadata, .layers)
    pixelDivisor = try Self.decode(metadata, .pixelDivisor)
    classNames = try Self.decode(metadata, .classNames)
    versions = try Self.decode(metadata, .versions)
    notes = try Self.decode(metadata, .notes) ?? [:]
    history = try Self.decode(metadata, .history) ?? []
    digest = metadata[Key.digest.rawValue]
  }

  private static func decode<T: Decodable>(_ metadata: [String: String], _ key: Key) throws(ModelFileError)
    -> T?
  {
    guard let text = metadata[key.rawValue] else { return nil }
    do {
      return try JSONDecoder().decode(T.self, from: Data(text.utf8))
    } catch {
      throw .malformed(key: key.rawValue, reason: "is not the expected JSON")
    }
  }

  // MARK: - Encoding

  /// - Throws: `ModelFileError.malformed` when a value cannot be encoded as JSON.
  func encoded() throws(ModelFileError) -> [String: String] {
    var metadata = [Key.format.rawValue: String(Self.format)]
    metadata[Key.inputShape.rawValue] = try Self.encode(inputShape, .inputShape)
    metadata[Key.layers.rawValue] = try Self.encode(layers, .layers)
    metadata[Key.pixelDivisor.rawValue] = try Self.encode(pixelDivisor, .pixelDivisor)
    metadata[Key.classNames.rawValue] = try Self.encode(classNames, .classNames)
    metadata[Key.versions.rawValue] = try Self.encode(versions, .versions)
    metadata[Key.digest.rawValue] = digest
    metadata[Key.notes.rawValue] = notes.isEmpty ? nil : try Self.encode(notes, .notes)
    metadata[Key.history.rawValue] = history.isEmpty ? nil : try Self.encode(history, .history)
    return metadata
  }

  private static func encode<T: Encodable>(_ value: T?, _ key: Key) throws(ModelFileError) -> String? {
    guard let value else { return nil }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
      throw .malformed(key: key.rawValue, reason: "cannot be encoded as JSON")
    }
    return String(decoding: data, as: UTF8.self)
  }

  // MARK: - Checks

  /// Checks the numbers, and that no string can control a terminal.
  ///
  /// - Throws: `ModelFileError.malformed`.
  func requireValid() throws(ModelFileError) {
    if let pixelDivisor, !(1...65_535).contains(pixelDivisor) {
      throw .malformed(
        key: Key.pixelDivisor.rawValue, reason: "is \(pixelDivisor), but must be in 1...65535")
    }
    if let epoch = history.firstIndex(where: { !$0.isPlausible }) {
      throw .malformed(
        key: Key.history.rawValue, reason: "has impossible numbers for epoch \(epoch + 1)")
    }
    let lists: [(Key, [String])] = [
      (.classNames, classNames ?? []), (.layers, (layers ?? []).compactMap(\.name)),
      (.versions, versions.map { [$0.package, $0.openBLAS, $0.core] } ?? []),
      (.notes, notes.flatMap { [$0.key, $0.value] }),
    ]
    for (key, values) in lists {
      for value in values where !value.isPlain {
        throw .malformed(
          key: key.rawValue,
          reason: "has a string that is empty, longer than 512 bytes, or contains control characters")
      }
    }
  }
}

extension String {
  /// Whether the string has 1 to 512 bytes and no control or formatting characters.
  fileprivate var isPlain: Bool {
    !isEmpty && utf8.count <= 512
      && unicodeScalars.allSatisfy { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
      }
  }
}
