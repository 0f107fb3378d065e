import Mustache

/// Escapes text for HTML, scalar by scalar.
///
/// Mustache escapes by character, but a quotation mark followed by a combining accent is another character in
/// Swift and still a quotation mark in a browser.
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

  /// The name by which a template's first line selects it.
  static let name = "SCALARS"
}
