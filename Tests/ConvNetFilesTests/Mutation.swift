import Im2colReference

/// Damages files in ways that reveal errors in parsers, reproducibly from a seed.
struct Mutator {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  private static let tokens: [String] = [
    "0", "-0", "00", "1e3", "1.0", "-1", "2147483648", "9223372036854775807", "18446744073709551616", "\"",
    "\\",
    "\\u0000", "\\ud800", "{", "}", "[", "]", ",", ":", "null", "[[", "{}", "\"F64\"", "\"BF16\"",
    "\"__metadata__\"",
    "\"dtype\"", " ", "\n", "\0", "e\u{301}",
  ]

  /// Applies one to three changes. In half of the cases the length prefix is corrected, so that the damaged
  /// header is parsed.
  mutating func mutate(_ original: [UInt8]) -> [UInt8] {
    var bytes = original
    let header = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let isInsideHeader = Bool.random(using: &random)
    var grown = 0
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let before = bytes.count
      change(&bytes, in: isInsideHeader ? 8..<min(8 + header, bytes.count) : 0..<bytes.count)
      grown += bytes.count - before
    }
    if isInsideHeader, bytes.count >= 8 {
      for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: (header + grown) >> (8 * index)) }
    }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8], in range: Range<Int>) {
    guard !range.isEmpty, range.upperBound <= bytes.count else { return }
    let position = Int.random(in: range, using: &random)
    let length = Int.random(in: 1...12, using: &random)
    let slice = bytes[position..<min(position + length, range.upperBound)]
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes[position] = UInt8.random(in: .min ... .max, using: &random)
    case 3: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: position)
    case 4: bytes.removeSubrange(slice.indices)
    case 5: bytes.insert(contentsOf: Array(slice), at: Int.random(in: range, using: &random))
    case 6: bytes.removeSubrange(position...)
    case 7, 8:
      // Replaces one text of the header by another, so that names and fields occur twice or are missing.
      let quotes = range.filter { bytes[$0] == UInt8(ascii: "\"") }
      let texts = zip(quotes, quotes.dropFirst()).enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
      guard let (start, end) = texts.randomElement(using: &random),
        let (otherStart, otherEnd) = texts.randomElement(using: &random)
      else { return }
      bytes.replaceSubrange(start..<end, with: Array(bytes[otherStart..<otherEnd]))
    default:
      // Replaces a number, or inserts at the position, a token.
      let end = bytes[position...].firstIndex { !(0x30...0x39).contains($0) } ?? position
      let token = Self.tokens[Int.random(in: 0..<Self.tokens.count, using: &random)]
      bytes.replaceSubrange(position..<max(position, end), with: Array(token.utf8))
    }
  }
}
