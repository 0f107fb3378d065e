/// Some images of a data set, in some order.
struct Batch<Data: TrainingData> {
  let data: Data
  /// Which images; nil for those from `first` on, in their own order.
  let order: UnsafePointer<Int>?
  let first: Int
  let count: Int

  func copy(
    _ position: Int, pixels: UnsafeMutablePointer<Float>, _ pixelCount: Int,
    target: UnsafeMutablePointer<Float>, _ targetCount: Int
  ) {
    let index = order.map { $0[first + position] } ?? first + position
    var pixels = UnsafeMutableBufferPointer(start: pixels, count: pixelCount).mutableSpan
    data.copyPixels(of: index, into: &pixels)
    var target = UnsafeMutableBufferPointer(start: target, count: targetCount).mutableSpan
    data.copyTarget(of: index, into: &target)
  }
}
