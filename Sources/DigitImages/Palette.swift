/// 256 colors that replace the shades of gray of an image.
package struct Palette: Sendable {
  /// Red, green and blue of each color, from black to white.
  let bytes: [UInt8]

  /// - Parameter color: returns the color for a position in -1...1, from black to white.
  package init(_ color: (_ position: Double) -> (red: UInt8, green: UInt8, blue: UInt8)) {
    bytes = (0...255).flatMap { shade in
      let color = color(Double(shade) / 127.5 - 1)
      return [color.red, color.green, color.blue]
    }
  }
}
