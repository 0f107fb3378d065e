import Foundation

/// The value of a field.
enum JSONValue {
  case text(String)
  case integer(Int)
  /// Written with four significant digits; null if not finite.
  case number(Double)
  case flag(Bool)
  case integers([Int])
  case numbers([Double])
  indirect case object(JSONObject)
}

/// A field of a JSON object.
struct JSONField {
  let name: String
  let value: JSONValue

  init(_ name: String, _ value: JSONValue) { (self.name, self.value) = (name, value) }
}

/// A JSON object whose fields keep their order, so that rows read like a table.
struct JSONObject {
  var fields: [JSONField]

  init(_ fields: [JSONField]) { self.fields = fields }

  /// The object on one line.
  var line: String {
    let parts = fields.map { "\(JSONObject.quoted($0.name)): \(JSONObject.text(of: $0.value))" }
    return "{" + parts.joined(separator: ", ") + "}"
  }

  private static func text(of value: JSONValue) -> String {
    switch value {
    case .text(let text): quoted(text)
    case .integer(let number): String(number)
    case .number(let number): number.isFinite ? rounded(number) : "null"
    case .flag(let flag): flag ? "true" : "false"
    case .integers(let numbers): "[" + numbers.map(String.init).joined(separator: ", ") + "]"
    case .numbers(let numbers): "[" + numbers.map { text(of: .number($0)) }.joined(separator: ", ") + "]"
    case .object(let object): object.line
    }
  }

  /// Measurements do not repeat to more than four digits.
  private static func rounded(_ number: Double) -> String {
    abs(number) >= 1000 ? String(format: "%.0f", number) : String(format: "%.4g", number)
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 0x20: String(format: "\\u%04x", scalar.value)
      default: String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }
}
