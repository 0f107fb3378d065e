import DigitImages
import Im2col

/// A small picture made of characters, a column a pixel and a line for two rows.
///
///     color         ▀ in the upper pixel's gray on the lower one's
///     characters     █ ▀ ▄ and blank for what is at least half as bright as white
///     ASCII          ten characters of more and more ink for the mean of the two
package struct BlockPicture {
  /// What a screen can show.
  package let style: TextStyle

  package init(style: TextStyle) { self.style = style }

  /// The picture's lines, light on dark where there is color, else as ink on whatever the screen's ground is; then also
  /// without the empty lines above and below.
  package func lines(_ image: GrayImage) -> [String] {
    let rows = stride(from: 0, to: image.size.height, by: 2).map { row in
      (0..<image.size.width).map { column in
        (image[row, column], row + 1 < image.size.height ? image[row + 1, column] : 0)
      }
    }
    if style.color, style.unicode { return rows.map(colored) }
    let lines = rows.map { row in trimmed(String(row.map(character))) }
    return Array(lines.drop { $0.isEmpty }.reversed().drop { $0.isEmpty }.reversed())
  }

  /// 24 grays of the 256 colors, and a reset at the end.
  private func colored(_ row: [(upper: UInt8, lower: UInt8)]) -> String {
    var (text, last) = ("", "")
    for (upper, lower) in row {
      let colors = "\u{1B}[38;5;\(gray(upper));48;5;\(gray(lower))m"
      text += (colors == last ? "" : colors) + "▀"
      last = colors
    }
    return text + "\u{1B}[0m"
  }

  private func gray(_ pixel: UInt8) -> Int { 232 + Int(pixel) * 23 / 255 }

  private func character(_ upper: UInt8, _ lower: UInt8) -> Character {
    guard style.unicode else { return Self.ramp[(Int(upper) + Int(lower)) * (Self.ramp.count - 1) / 510] }
    return Self.halves[(upper >= 128 ? 2 : 0) + (lower >= 128 ? 1 : 0)]
  }

  private static let halves: [Character] = [" ", "▄", "▀", "█"]
  private static let ramp: [Character] = Array(" .:-=+*#%@")
}

private func trimmed(_ line: String) -> String {
  String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
}
