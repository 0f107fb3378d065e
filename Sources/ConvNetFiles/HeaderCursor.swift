/// A strict reader of the subset of JSON in safetensors headers.
///
/// Foundation's parsers silently keep one of two entries with the same name, and accept `1.0` and `1e3` for
/// integers. The grammar here is fixed: nothing recurses, so the input cannot nest too deeply.
struct HeaderCursor {
  private let bytes: [UInt8]
  private var position: Int
  /// The offset of `bytes` in the file, for messages.
  private let origin: Int

  init(_ bytes: [UInt8], origin: Int) {
    (self.bytes, self.origin) = (bytes, origin)
    position = 0
  }

  /// Whether the rest is spaces, with which writers align the data.
  var isAtPadding: Bool {
    bytes[position...].allSatisfy { $0 == UInt8(ascii: " ") }
  }

  func malformed(_ expected: String) -> SafetensorsError {
    .malformedHeader(offset: origin + position, expected: expected)
  }

  // MARK: - Punctuation

  mutating func require(_ character: Unicode.Scalar) throws(SafetensorsError) {
    guard take(character) else { throw malformed("'\(character)'") }
  }

  /// Skips white space, then `character` if it is next, and returns whether it was.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipWhitespace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Reads an object: calls `member` for every name, with the cursor at its value.
  mutating func readObject(
    _ member: (inout HeaderCursor, String) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    try require("{")
    if take("}") { return }
    repeat {
      let name = try readString()
      try require(":")
      try member(&self, name)
    } while take(",")
    try require("}")
  }

  private mutating func skipWhitespace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  // MARK: - Integers

  /// Reads an array such as `[1, 2, 3]`; returns nil for more than `limit` integers.
  mutating func readIntegers(limit: Int) throws(SafetensorsError) -> [Int]? {
    try require("[")
    if take("]") { return [] }
    var integers: [Int] = []
    repeat {
      guard integers.count < limit else { return nil }
      integers.append(try readInteger())
    } while take(",")
    try require("]")
    return integers
  }

  /// Reads an integer without sign, fraction, exponent or leading zeros.
  private mutating func readInteger() throws(SafetensorsError) -> Int {
    skipWhitespace()
    let start = position
    var value = 0
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = tens.addingReportingOverflow(Int(bytes[position] - 0x30))
      guard !overflow, !overflow2, position == start || value != 0 else {
        throw malformed("an integer from 0 to \(Int.max) without leading zeros")
      }
      value = sum
      position += 1
    }
    guard position > start else { throw malformed("an integer without a sign") }
    return value
  }

  // MARK: - Strings

  mutating func readString() throws(SafetensorsError) -> String {
    try require("\"")
    var text: [UInt8] = []
    while true {
      guard position < bytes.count else { throw malformed("the string's closing '\"'") }
      let byte = bytes[position]
      guard byte >= 0x20 else { throw malformed("an escape instead of a control character") }
      if byte == UInt8(ascii: "\\") {
        text.append(contentsOf: try readEscape().utf8)
        continue
      }
      position += 1
      if byte == UInt8(ascii: "\"") { break }
      text.append(byte)
    }
    guard !text.contains(0) else { throw malformed("a string without NUL") }
    guard let string = String(validating: text, as: UTF8.self) else { throw malformed("valid UTF-8") }
    return string
  }

  private static let shortEscapes: [UInt8: Unicode.Scalar] = [
    UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
    UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n",
    UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
  ]

  /// Reads `\n`, `\u0041` or a surrogate pair `\uD83D\uDE00`, starting at the backslash.
  private mutating func readEscape() throws(SafetensorsError) -> String {
    position += 1
    if position < bytes.count, let scalar = Self.shortEscapes[bytes[position]] {
      position += 1
      return String(scalar)
    }
    var units = [try readHexadecimalUnit()]
    if UTF16.isLeadSurrogate(units[0]), position < bytes.count, bytes[position] == UInt8(ascii: "\\") {
      position += 1
      units.append(try readHexadecimalUnit())
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw malformed("a surrogate pair")
    }
    return text
  }

  /// Reads the `uXXXX` of an escape.
  private mutating func readHexadecimalUnit() throws(SafetensorsError) -> UInt16 {
    let digits = bytes[position...].prefix(5).dropFirst()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "u"), digits.count == 4,
      // UInt16(_:radix:) would accept a sign.
      digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw malformed("a JSON escape") }
    position += 5
    return unit
  }
}
