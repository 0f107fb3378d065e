/// A color by its purpose, with one value on a light page and one on a dark page.
enum Ink: String, CaseIterable {
  /// The background of the picture, whatever the page has.
  case card
  /// Text and important lines.
  case ink
  /// Secondary text and lines.
  case faint
  /// Lines of a grid.
  case line
  /// A cell that is not highlighted.
  case cell
  case blue, orange, green, red
  case blueTint, orangeTint, greenTint, redTint

  var light: String {
    switch self {
    case .card: "#fbfbf8"
    case .ink: "#1d1d1f"
    case .faint: "#626268"
    case .line: "#c6c6c2"
    case .cell: "#ffffff"
    case .blue: "#0b62b8"
    case .orange: "#b45309"
    case .green: "#1f7a3a"
    case .red: "#b3261e"
    case .blueTint: "#d6e7f9"
    case .orangeTint: "#fbe3c8"
    case .greenTint: "#d8efde"
    case .redTint: "#f8d9d6"
    }
  }

  var dark: String {
    switch self {
    case .card: "#1b1c1e"
    case .ink: "#f2f2f2"
    case .faint: "#acacb2"
    case .line: "#4d4e53"
    case .cell: "#26272a"
    case .blue: "#6cb2ff"
    case .orange: "#ffb366"
    case .green: "#7fd69a"
    case .red: "#ff8f86"
    case .blueTint: "#173a5e"
    case .orangeTint: "#553814"
    case .greenTint: "#1c4a2d"
    case .redTint: "#5a2825"
    }
  }
}
