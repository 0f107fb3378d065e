import Mustache

/// How text becomes part of a page: scalar by scalar.
///
/// Mustache's own escaping goes by characters, and a quotation mark with a combining accent behind it is another character
/// to Swift; to a browser it is a quotation mark still.
package struct HTMLEscaping: MustacheContentType {
  package init() {}

  package func escapeText(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if let replacement = Self.replacements[scalar] {
        escaped.append(contentsOf: replacement.unicodeScalars)
      } else {
        escaped.append(scalar)
      }
    }
    return String(escaped)
  }

  private static let replacements: [Unicode.Scalar: String] = [
    "<": "&lt;", ">": "&gt;", "&": "&amp;", "\"": "&quot;", "'": "&#39;",
  ]

  /// The name that a template's first line asks for it by.
  static let name = "SCALARS"
}
