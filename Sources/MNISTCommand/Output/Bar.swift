/// A horizontal bar in text.
///
///     fraction 0.55 of 10 cells    █████▌····    or    #####-----    without Unicode
package struct Bar {
  /// The characters that the terminal can show.
  package let style: TextStyle
  /// The width in characters.
  package let cells: Int

  package init(style: TextStyle, cells: Int) { (self.style, self.cells) = (style, cells) }

  /// The filled and the empty part, together `cells` characters.
  package func parts(_ fraction: Double) -> (full: String, empty: String) {
    // NaN counts as 0.
    let fraction = fraction > 0 ? min(fraction, 1) : 0
    guard style.unicode else {
      let full = Int((fraction * Double(cells)).rounded())
      return (String(repeating: "#", count: full), String(repeating: "-", count: cells - full))
    }
    let eighths = Int((fraction * Double(8 * cells)).rounded())
    let partial = eighths % 8 == 0 ? "" : String(Bar.eighths[eighths % 8 - 1])
    let full = String(repeating: "█", count: eighths / 8) + partial
    return (full, String(repeating: "·", count: cells - full.count))
  }

  /// The bar, its filled part in color if the style has color.
  package func text(_ fraction: Double) -> String {
    let (full, empty) = parts(fraction)
    guard style.color, !full.isEmpty else { return full + empty }
    return "\u{1B}[32m" + full + "\u{1B}[0m" + empty
  }

  private static let eighths: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
}
