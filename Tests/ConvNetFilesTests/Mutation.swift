/// Damages files in the ways that find holes in parsers, the same way for the same seed.
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

  /// One to three changes; in half of the cases the length in front is put right
  /// again, so that the change reaches the header's inside.
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
    let place = Int.random(in: range, using: &random)
    let length = Int.random(in: 1...12, using: &random)
    let piece = bytes[place..<min(place + length, range.upperBound)]
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
    case 3: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
    case 4: bytes.removeSubrange(piece.indices)
    case 5: bytes.insert(contentsOf: Array(piece), at: Int.random(in: range, using: &random))
    case 6: bytes.removeSubrange(place...)
    case 7, 8:
      // One text of the header in the place of another: names and fields twice or missing.
      let quotes = range.filter { bytes[$0] == UInt8(ascii: "\"") }
      let texts = zip(quotes, quotes.dropFirst()).enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
      guard let (start, end) = texts.randomElement(using: &random),
        let (otherStart, otherEnd) = texts.randomElement(using: &random)
      else { return }
      bytes.replaceSubrange(start..<end, with: Array(bytes[otherStart..<otherEnd]))
    default:
      // A token in the place of a number, or wherever the place happens to be.
      let end = bytes[place...].firstIndex { !(0x30...0x39).contains($0) } ?? place
      let token = Self.tokens[Int.random(in: 0..<Self.tokens.count, using: &random)]
      bytes.replaceSubrange(place..<max(place, end), with: Array(token.utf8))
    }
  }
}
