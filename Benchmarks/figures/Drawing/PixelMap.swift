/// A small gray image in sixteen strengths, drawn as runs of pixels; nothing is drawn for zero.
struct PixelMap {
  let height: Int
  let width: Int
  /// `0...15`, row-major.
  let strengths: [Int]

  static let levels = 15

  /// The strength of a number relative to the largest one; negative numbers count as zero.
  static func strength(_ value: Float, of largest: Float) -> Int {
    largest > 0 ? Int((min(max(value / largest, 0), 1) * Float(levels)).rounded()) : 0
  }

  /// Weak strengths are raised, so that they differ from the background.
  private static func opacity(_ level: Int) -> Double {
    (Double(level) / Double(levels)).squareRoot()
  }

  /// A path of horizontal runs for each strength.
  func paths(at origin: Point, side: Double) -> [(path: String, opacity: Double)] {
    (1...PixelMap.levels).compactMap { level in
      var path = ""
      for row in 0..<height {
        var column = 0
        while column < width {
          let start = column
          while column < width, strengths[row * width + column] == level { column += 1 }
          if column > start {
            let (x, y) = (origin.x + Double(start) * side, origin.y + Double(row) * side)
            let run = number(Double(column - start) * side)
            path += "M\(number(x)) \(number(y))h\(run)v\(number(side))h-\(run)z"
          } else {
            column += 1
          }
        }
      }
      return path.isEmpty ? nil : (path, PixelMap.opacity(level))
    }
  }
}
