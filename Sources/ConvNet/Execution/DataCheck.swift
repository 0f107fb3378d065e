import CKernels
import Im2col

/// The score of a part of a batch, or the first image in it that makes no sense.
struct PartScore {
  var score = Score()
  /// The position in the batch of the first image that failed the check; nil if all are in order.
  var invalid: Int?

  /// Adds the score of a later part.
  static func += (total: inout PartScore, part: PartScore) {
    total.score += part.score
    total.invalid = total.invalid ?? part.invalid
  }
}

extension DataError {
  /// Returns whether an image can be used: its pixels are finite, and the loss accepts its target.
  static func accepts(
    pixels: UnsafeBufferPointer<Float>, target: UnsafeBufferPointer<Float>, _ loss: any Loss
  ) -> Bool {
    guard let start = pixels.baseAddress else { return loss.isValid(target: target.span) }
    return ckernels_all_finite(Int64(pixels.count), start) != 0 && loss.isValid(target: target.span)
  }

  /// Describes an image that cannot be used.
  ///
  /// - Parameter image: the index of the image in its data set.
  init(image: Int, pixels: [Float], target: [Float], _ loss: any Loss) {
    if let index = pixels.firstIndex(where: { !$0.isFinite }) {
      self.init(
        image: image, problem: "pixel \(index) is \(pixels[index]); all pixels must be finite numbers")
      return
    }
    let shown = target.prefix(12).map { "\($0)" }.joined(separator: ", ") + (target.count > 12 ? ", ..." : "")
    self.init(image: image, problem: "the target is [\(shown)]; \(loss.name) needs \(loss.targetRule)")
  }
}
