/// Area resampling along one axis: every new pixel is the mean of the old pixels that it covers.
///
///     old   |   0   |   1   |   2   |   3   |   4   |        5 pixels at scale 0.6 become 3
///     new   |      0     |      1     |      2     |         new 0 = (1.00 of old 0 + 0.67 of old 1) / 1.67
///
/// This is the anti-aliasing of a downscaled picture. Beyond the old pixels, values are 0.
struct AreaResampling {
  /// The number of new pixels.
  let count: Int
  private let scale: Double
  private let length: Int

  /// - Precondition: `length` and `scale` are positive.
  init(length: Int, scale: Double) {
    (self.length, self.scale) = (length, scale)
    // A product that misses an integer by rounding alone gets no extra pixel.
    count = max(1, Int((Double(length) * scale - 1e-6).rounded(.up)))
  }

  /// Calls `body` with each old pixel that a new one covers and its weight in the new one.
  func forEachPart(of new: Int, _ body: (_ old: Int, _ weight: Double) -> Void) {
    let (start, end) = (Double(new) / scale, min(Double(new + 1) / scale, Double(length)))
    var old = min(Int(start), length - 1)
    while old < length, Double(old) < end {
      let covered = min(Double(old + 1), end) - max(Double(old), start)
      if covered > 0 { body(old, covered * scale) }
      old += 1
    }
  }
}
