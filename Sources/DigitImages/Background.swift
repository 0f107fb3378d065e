import Im2col

/// Whether a picture has dark ink on a light background; MNIST's images are light on dark.
package enum InkPolarity: String, Sendable, CaseIterable {
  /// Determined by the border: its median is the background.
  case auto
  /// Dark ink on a light background.
  case darkOnLight = "yes"
  /// Light ink on a dark background.
  case lightOnDark = "no"
}

/// The background of a drawing, estimated from the picture's border.
///
///     0 ......... level ............ level + noiseFloor .................... strongest ink
///            border's median   8 x its median absolute deviation
package struct Background: Sendable, Equatable {
  /// Whether the background is the light side, so that pixels have to be inverted.
  package let isLight: Bool
  /// The background's brightness after the inversion, less than 128.
  package let level: Int
  /// Ink up to this strength may be noise of the background.
  package let noiseFloor: Int

  /// Estimates the background from the outermost rows and columns.
  ///
  /// Unlike the mean, the median and the median absolute deviation (MAD) are insensitive to a stroke that
  /// touches the border.
  package init(borderOf image: GrayImage, _ polarity: InkPolarity) {
    let histogram = Self.borderHistogram(of: image)
    let median = Self.median(of: histogram)
    let isLight = polarity == .auto ? median >= 128 : polarity == .darkOnLight
    let level = isLight ? 255 - median : median
    self.isLight = isLight
    // If the requested polarity contradicts the border, assume that the border is a frame and use 0 as the
    // background.
    guard level < 128 else {
      (self.level, noiseFloor) = (0, 0)
      return
    }
    var deviations = [Int](repeating: 0, count: 256)
    for (value, count) in histogram.enumerated() { deviations[abs(value - median)] += count }
    // 8 MAD is about 5.4 standard deviations of normal noise, which fewer than one pixel in a million
    // exceeds.
    (self.level, noiseFloor) = (level, 8 * Self.median(of: deviations))
  }

  /// The strength of a pixel's ink: how much brighter than the background it is after the inversion.
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
    var cumulative = 0
    for (value, count) in histogram.enumerated() {
      cumulative += count
      if cumulative > half { return value }
    }
    return 0
  }
}
