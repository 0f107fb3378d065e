extension String {
  /// At most 80 characters of the string in quotes, escaped so that a string from a file cannot control a
  /// terminal.
  var quoted: String { String(reflecting: String(unicodeScalars.prefix(80))) }
}
