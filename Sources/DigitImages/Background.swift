import Im2col

/// Whether a picture has dark ink on light background, which MNIST does not: it is light on dark.
package enum InkPolarity: String, Sendable, CaseIterable {
  /// As the border tells: where most of it is light, it is background.
  case auto
  /// Dark ink on light background.
  case yes
  /// Light ink on dark background.
  case no
}

/// What a picture's border tells of the background that the ink is on.
///
///     level   0 ......... background ... noiseFloor ........................... strongest ink
///                    the border's median   its deviation, eight times
package struct Background: Sendable, Equatable {
  /// Whether the background is the light side, so that pixels have to be inverted.
  package let isLight: Bool
  /// How bright the background is once that is done, less than half of 255.
  package let level: Int
  /// Whatever is at most so much brighter than the background may be the background's own.
  package let noiseFloor: Int

  /// Looks at the outermost rows and columns.
  ///
  /// The median and the median deviation do not mind a stroke that touches the border, as a mean would.
  package init(borderOf image: GrayImage, _ polarity: InkPolarity) {
    let histogram = Self.borderHistogram(of: image)
    let median = Self.median(of: histogram)
    let isLight = polarity == .auto ? median >= 128 : polarity == .yes
    let level = isLight ? 255 - median : median
    self.isLight = isLight
    // Somebody who says otherwise has a frame around the background, which tells nothing.
    guard level < 128 else {
      (self.level, noiseFloor) = (0, 0)
      return
    }
    var deviations = [Int](repeating: 0, count: 256)
    for (value, count) in histogram.enumerated() { deviations[abs(value - median)] += count }
    // Eight median deviations are more than five standard deviations of normal noise: not one pixel in a million.
    (self.level, noiseFloor) = (level, 8 * Self.median(of: deviations))
  }

  /// How much brighter than the background a pixel is.
  package func ink(_ pixel: UInt8) -> Int { max((isLight ? 255 - Int(pixel) : Int(pixel)) - level, 0) }

  private static func borderHistogram(of image: GrayImage) -> [Int] {
    var histogram = [Int](repeating: 0, count: 256)
    let (height, width) = (image.size.height, image.size.width)
    for column in 0..<width {
      histogram[Int(image[0, column])] += 1
      histogram[Int(image[height - 1, column])] += 1
    }
    for row in 0..<height {
      histogram[Int(image[row, 0])] += 1
      histogram[Int(image[row, width - 1])] += 1
    }
    return histogram
  }

  private static func median(of histogram: [Int]) -> Int {
    let half = histogram.reduce(0, +) / 2
    var seen = 0
    for (value, count) in histogram.enumerated() {
      seen += count
      if seen > half { return value }
    }
    return 0
  }
}
