import Foundation
import Im2col

/// Reads the JSON of layers strictly: errors name missing, misspelled, and mistyped fields.
extension LayerShape {
  /// Every field that a layer may have.
  static let fields: Set<String> = [
    "name", "batch", "height", "width", "kernel", "in", "out", "stride", "dilation", "padding", "groups",
    "first",
  ]

  /// Reads the layers of a shapes file.
  static func read(path: String) throws(LayerShapeError) -> [LayerShape] {
    let bytes: Data
    do throws(InputFile.Unreadable) {
      bytes = try InputFile.bytes(path)
    } catch {
      throw .unreadable(path: path, reason: error.reason)
    }
    return try list(from: bytes)
  }

  /// Reads the layers of a JSON list.
  static func list(from data: Data) throws(LayerShapeError) -> [LayerShape] {
    let value: Any
    do {
      value = try JSONSerialization.jsonObject(with: data)
    } catch {
      throw .notAList(reason: reason(error))
    }
    guard let elements = value as? [Any] else { throw .notAList(reason: "the outermost value is not a list") }
    guard !elements.isEmpty else { throw .empty }
    var layers: [LayerShape] = []
    for (index, element) in elements.enumerated() {
      let layer = try LayerShape(JSONFields(element, index: index))
      guard !layers.contains(where: { $0.name == layer.name }) else { throw .twice(name: layer.name) }
      layers.append(layer)
    }
    return layers
  }

  /// Reads a layer.
  init(_ json: JSONFields) throws(LayerShapeError) {
    if let unexpected = json.names.subtracting(LayerShape.fields).min() {
      throw json.problem(
        "the field \"\(unexpected)\" is unknown; known are \(LayerShape.fields.sorted().joined(separator: ", "))"
      )
    }
    name = try json.name()
    batch = try json.integer("batch")
    height = try json.integer("height")
    width = try json.integer("width")
    kernel = try json.pair("kernel")
    inputs = try json.integer("in")
    outputs = try json.integer("out")
    stride = try json.pair("stride", default: [1, 1])
    dilation = try json.pair("dilation", default: [1, 1])
    padding = try json.pair("padding", default: [0, 0])
    groups = try json.integer("groups", default: 1)
    first = try json.flag("first")
  }

  /// The layer as JSON that `init(_:)` reads.
  var json: JSONObject {
    JSONObject([
      JSONField("name", .text(name)), JSONField("batch", .integer(batch)),
      JSONField("height", .integer(height)), JSONField("width", .integer(width)),
      JSONField("kernel", .integers(kernel)), JSONField("stride", .integers(stride)),
      JSONField("dilation", .integers(dilation)),
      JSONField("padding", .integers(padding)), JSONField("groups", .integer(groups)),
      JSONField("in", .integer(inputs)),
      JSONField("out", .integer(outputs)), JSONField("first", .flag(first)),
    ])
  }

  private static func reason(_ error: any Error) -> String {
    let error = error as NSError
    return error.userInfo[NSDebugDescriptionErrorKey] as? String ?? error.localizedDescription
  }
}

/// The fields of one layer by name and type.
struct JSONFields {
  private let values: [String: Any]
  private let index: Int

  init(_ element: Any, index: Int) throws(LayerShapeError) {
    guard let values = element as? [String: Any] else {
      throw .element(index, problem: "it is not an object")
    }
    (self.values, self.index) = (values, index)
  }

  var names: Set<String> { Set(values.keys) }

  /// An error with the name of the layer, or with its position if it has none.
  func problem(_ text: String) -> LayerShapeError {
    if let name = values["name"] as? String { return .layer(name: name, problem: text) }
    return .element(index, problem: text)
  }

  /// A name that is valid in names of cases and in lists of names.
  func name() throws(LayerShapeError) -> String {
    guard let value = values["name"] else { throw problem("\"name\" is missing") }
    guard let name = value as? String, !name.isEmpty,
      !name.contains(where: { ",/".contains($0) || $0.isWhitespace })
    else {
      throw problem("\"name\" is \(value); it must be text without commas, slashes, and spaces")
    }
    return name
  }

  func integer(_ field: String, default missing: Int? = nil) throws(LayerShapeError) -> Int {
    guard let value = values[field] else {
      guard let missing else { throw problem("\"\(field)\" is missing") }
      return missing
    }
    guard let integer = JSONFields.integer(value) else {
      throw problem("\"\(field)\" is \(value); it must be a whole number")
    }
    return integer
  }

  /// `[height, width]`.
  func pair(_ field: String, default missing: [Int]? = nil) throws(LayerShapeError) -> [Int] {
    guard let value = values[field] else {
      guard let missing else { throw problem("\"\(field)\" is missing") }
      return missing
    }
    let integers = (value as? [Any])?.map(JSONFields.integer)
    guard let integers, integers.count == 2, let height = integers[0], let width = integers[1] else {
      throw problem("\"\(field)\" is \(value); it must be [height, width], two whole numbers")
    }
    return [height, width]
  }

  func flag(_ field: String) throws(LayerShapeError) -> Bool {
    guard let value = values[field] else { return false }
    guard let number = value as? NSNumber, JSONFields.isFlag(number) else {
      throw problem("\"\(field)\" is \(value); it must be true or false")
    }
    return number.boolValue
  }

  /// To Foundation, `true` is a number, and so is 1.5.
  private static func integer(_ value: Any) -> Int? {
    guard let number = value as? NSNumber, !isFlag(number) else { return nil }
    return Int(exactly: number)
  }

  private static func isFlag(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}
