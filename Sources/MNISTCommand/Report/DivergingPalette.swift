import DigitImages

extension Palette {
  /// From blue over white to orange, for numbers in a range around 0.
  static let diverging = Palette { position in
    // Linear between white and the two ends.
    let end: (Double, Double, Double) = position < 0 ? (33, 102, 172) : (214, 96, 20)
    func mixed(_ channel: Double) -> UInt8 {
      UInt8((255 + (channel - 255) * position.magnitude).rounded())
    }
    return (mixed(end.0), mixed(end.1), mixed(end.2))
  }
}
