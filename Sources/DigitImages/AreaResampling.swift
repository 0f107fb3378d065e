/// Resampling along one axis by area: every new pixel is the mean over the stretch of the old ones that it covers.
///
///     old   |   0   |   1   |   2   |   3   |   4   |        5 pixels at scale 0.6 become 3
///     new   |      0     |      1     |      2     |         new 0 = (1.00 of old 0 + 0.67 of old 1) / 1.67
///
/// That is what anti-aliasing means when a picture is made smaller. Where the last new pixel reaches beyond the
/// old ones, there is nothing.
struct AreaResampling {
  /// New pixels.
  let count: Int
  private let scale: Double
  private let length: Int

  /// - Precondition: both are positive.
  init(length: Int, scale: Double) {
    (self.length, self.scale) = (length, scale)
    // A length that is whole but for rounding has no sliver behind it.
    count = max(1, Int((Double(length) * scale - 1e-6).rounded(.up)))
  }

  /// The old pixels that a new one covers, and how much of the new one each of them makes up.
  func forEachPart(of new: Int, _ body: (_ old: Int, _ share: Double) -> Void) {
    let (start, end) = (Double(new) / scale, min(Double(new + 1) / scale, Double(length)))
    var old = min(Int(start), length - 1)
    while old < length, Double(old) < end {
      let covered = min(Double(old + 1), end) - max(Double(old), start)
      if covered > 0 { body(old, covered * scale) }
      old += 1
    }
  }
}
