extension String {
  /// At most 80 characters of the text in quotes, escaped so that a text from a file cannot control a
  /// terminal.
  var quoted: String { String(reflecting: String(unicodeScalars.prefix(80))) }
}
