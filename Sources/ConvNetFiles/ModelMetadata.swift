import ConvNet
import Foundation

/// The metadata of a model file.
///
///     key                 value
///     model_format        1, or 2 if the graph needs it
///     input_shape         [28,28,1]
///     layers              format 1: [{"kind":{"convolution":...},"name":"conv1"},...], a chain
///     graph               format 2: [{"layer":{"type":"convolution",...},"inputs":[0],"name":"conv1"},...]
///     pixel_divisor       255
///     class_names         ["0","1",...]
///     versions            {"core":"SkylakeX","openBLAS":"OpenBLAS 0.3.21 ...","package":"0.1.0"}
///     parameters_sha256   64 hexadecimal digits
///     notes               {"dataset":"mnist","seed":"0",...}
///     history             [{"accuracy":0.94,"loss":0.18,...},...], one entry per epoch
///
/// All are optional when a file is read; other keys are ignored.
struct ModelMetadata {
  /// nil if the file has neither an input shape nor layers.
  var graph: Graph?
  var pixelDivisor: Int?
  var classNames: [String]?
  var versions: Versions?
  var digest: String?
  var notes: [String: String] = [:]
  var history: [EpochScores] = []

  /// The latest version of the format.
  static let format = 2

  private enum Key: String {
    case format = "model_format"
    case inputShape = "input_shape"
    case layers, graph
    case pixelDivisor = "pixel_divisor"
    case classNames = "class_names"
    case versions
    case digest = "parameters_sha256"
    case notes, history
  }

  init() {}

  // MARK: - Decoding

  /// - Parameter layerTypes: the types of the model's layers that are not of this package.
  /// - Throws: `ModelFileError.unknownFormat`, `.unknownLayer` or `.malformed`.
  init(decoding metadata: [String: String], layerTypes: [any Layer.Type] = []) throws(ModelFileError) {
    let format = metadata[Key.format.rawValue] ?? "1"
    guard let number = Int(format), (1...Self.format).contains(number), String(number) == format else {
      throw .unknownFormat(format, known: Self.format)
    }
    graph = try Self.graph(metadata, format: number, layerTypes)
    pixelDivisor = try Self.decode(metadata, .pixelDivisor)
    classNames = try Self.decode(metadata, .classNames)
    versions = try Self.decode(metadata, .versions)
    notes = try Self.decode(metadata, .notes) ?? [:]
    history = try Self.decode(metadata, .history) ?? []
    digest = metadata[Key.digest.rawValue]
  }

  private static func graph(
    _ metadata: [String: String], format: Int, _ layerTypes: [any Layer.Type]
  ) throws(ModelFileError) -> Graph? {
    let inputShape: [Int]? = try decode(metadata, .inputShape)
    if format == 1 {
      let layers: [LayerFormat1]? = try decode(metadata, .layers)
      guard inputShape != nil || layers != nil else { return nil }
      return Graph(
        inputShape: inputShape ?? LeNet5.inputShape, layers.map { $0.map(\.block) } ?? LeNet5.layers())
    }
    guard let inputShape, let nodes: [Graph.Node] = try decode(metadata, .graph, layerTypes) else {
      throw .malformed(key: Key.graph.rawValue, reason: "is missing, or the input shape is")
    }
    return Graph(inputShape: inputShape, nodes: nodes)
  }

  private static func decode<T: Decodable>(
    _ metadata: [String: String], _ key: Key, _ layerTypes: [any Layer.Type] = []
  ) throws(ModelFileError) -> T? {
    guard let text = metadata[key.rawValue] else { return nil }
    let decoder = JSONDecoder()
    decoder.userInfo[AnyLayer.types] = layerTypes
    do {
      return try decoder.decode(T.self, from: Data(text.utf8))
    } catch let error as UnknownLayer {
      throw .unknownLayer(error)
    } catch {
      throw .malformed(key: key.rawValue, reason: "is not the expected JSON")
    }
  }

  // MARK: - Encoding

  /// - Throws: `ModelFileError.malformed` when a value cannot be encoded as JSON.
  func encoded() throws(ModelFileError) -> [String: String] {
    let chain = graph.map { LayerFormat1.layers(of: $0) } ?? []
    var metadata = [Key.format.rawValue: chain == nil ? "2" : "1"]
    metadata[Key.inputShape.rawValue] = try Self.encode(graph?.inputShape, .inputShape)
    if let chain {
      metadata[Key.layers.rawValue] = try Self.encode(chain, .layers)
    } else {
      metadata[Key.graph.rawValue] = try Self.encode(graph?.nodes, .graph)
    }
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
      (.classNames, classNames ?? []), (.layers, (graph?.nodes ?? []).compactMap(\.name)),
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
