/// A batch: a range of the images of a data set, in the order of the epoch.
struct Batch<Data: TrainingData> {
  let data: Data
  /// The order of the epoch, as image indices; nil for the order of the data set.
  let order: UnsafePointer<Int>?
  /// The position of the first image in that order.
  let first: Int
  let count: Int

  /// The index in the data set of the image at a position of the batch.
  func imageIndex(_ position: Int) -> Int { order.map { $0[first + position] } ?? first + position }

  /// Copies the image and target at a position of the batch.
  func copy(
    _ position: Int, pixels: UnsafeMutablePointer<Float>, _ pixelCount: Int,
    target: UnsafeMutablePointer<Float>, _ targetCount: Int
  ) {
    let index = imageIndex(position)
    var pixels = UnsafeMutableBufferPointer(start: pixels, count: pixelCount).mutableSpan
    data.copyPixels(of: index, into: &pixels)
    var target = UnsafeMutableBufferPointer(start: target, count: targetCount).mutableSpan
    data.copyTarget(of: index, into: &target)
  }
}
