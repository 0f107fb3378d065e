import DigitImages
import Im2col

/// A small picture made of characters: one column per pixel, one line per two rows.
///
///     color         ▀ in the upper pixel's gray on the lower pixel's gray
///     blocks        █ ▀ ▄ for pixels of at least half brightness
///     ASCII         ten characters of increasing ink for the mean of the two pixels
package struct BlockPicture {
  /// What the terminal can show.
  package let style: TextStyle

  package init(style: TextStyle) { self.style = style }

  /// The lines of the picture: light on dark with color, otherwise ink in the terminal's own colors and
  /// without empty lines above and below.
  package func lines(_ image: GrayImage) -> [String] {
    let rows = stride(from: 0, to: image.size.height, by: 2).map { row in
      (0..<image.size.width).map { column in
        (image[row, column], row + 1 < image.size.height ? image[row + 1, column] : 0)
      }
    }
    if style.color, style.unicode { return rows.map(colored) }
    let lines = rows.map { row in String(row.map(character)).trimmedEnd }
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
