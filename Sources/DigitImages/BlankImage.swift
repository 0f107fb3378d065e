import Im2col

/// A picture without a visible digit.
package enum BlankImage: Error, Equatable {
  /// All pixels have the same value.
  case uniform(size: Size2D, value: Int)
  /// The darkest and the brightest pixel differ too little.
  case lowContrast(size: Size2D, contrast: Int)
  /// No pixel is enough darker than a light border, or brighter than a dark one.
  case noInk(size: Size2D, border: Int, isLight: Bool, strongest: Int)

  /// The smallest difference of two pixel values, of 255, that can be a drawing.
  static let minContrast = 24
}

extension BlankImage: CustomStringConvertible {
  /// The picture's size and values, and the remedy. None of these pictures can be read with another polarity.
  package var description: String {
    switch self {
    case .uniform(let size, let value):
      "the picture is blank: every pixel of the \(size.width) x \(size.height) picture has the value \(value); "
        + "draw a digit on a contrasting background"
        + (value == 255 ? " (transparent pixels count as white)" : "")
    case .lowContrast(let size, let contrast):
      "the picture is nearly blank: the values of its \(size.width) x \(size.height) pixels differ by at most "
        + "\(contrast) of 255, and at least \(Self.minContrast) are needed; draw with more contrast"
    case .noInk(let size, let border, let isLight, let strongest):
      "the picture shows no digit: its border has the value \(border), and none of its "
        + "\(size.width) x \(size.height) pixels is more than \(strongest) \(isLight ? "darker" : "brighter"); "
        + "draw a digit that is at least \(Self.minContrast) \(isLight ? "darker" : "brighter"), or use a "
        + "\(isLight ? "background below 128" : "background of at least 128")"
    }
  }
}
