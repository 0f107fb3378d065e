/// A horizontal bar in text.
///
///     share 0.55 of 10 cells    █████▌····    or    #####-----    without Unicode
package struct Bar {
  /// Which characters a terminal can show.
  package let style: TextStyle
  /// Characters in all.
  package let cells: Int

  package init(style: TextStyle, cells: Int) { (self.style, self.cells) = (style, cells) }

  /// The filled part and what is left of the bar, `cells` characters together.
  package func parts(_ share: Double) -> (full: String, empty: String) {
    // A NaN is as good as nothing.
    let share = share > 0 ? min(share, 1) : 0
    guard style.unicode else {
      let full = Int((share * Double(cells)).rounded())
      return (String(repeating: "#", count: full), String(repeating: "-", count: cells - full))
    }
    let eighths = Int((share * Double(8 * cells)).rounded())
    let partial = eighths % 8 == 0 ? "" : String(Bar.eighths[eighths % 8 - 1])
    let full = String(repeating: "█", count: eighths / 8) + partial
    return (full, String(repeating: "·", count: cells - full.count))
  }

  /// The bar with its filled part in color where that is wanted.
  package func text(_ share: Double) -> String {
    let (full, empty) = parts(share)
    guard style.color, !full.isEmpty else { return full + empty }
    return "\u{1B}[32m" + full + "\u{1B}[0m" + empty
  }

  private static let eighths: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
}
