/// How a batch is dealt out and its gradients are added up, told by the number of images alone.
///
///     images   | chunk 0 | chunk 1 | chunk 2 | chunk 3 | chunk 4 |     16 images each, the last one what is left
///     lanes    |      lane 0       |      lane 1       | lane 2  |     at most 8, neighbouring chunks together
///
/// A lane is worked off in order and adds up in a gradient of its own; any thread may have any lane. The lanes'
/// gradients are then summed in the order of the lanes. So the sum has one order of additions, whoever did what.
package struct LaneSchedule: Sendable, Equatable {
  /// Images in a chunk: large enough for matrix products, small enough that all of a small net's numbers for
  /// them stay in a core's cache, and LeNet-5's products under the size up to which OpenBLAS does not pack.
  package static let chunkImages = 16
  /// Images that a profile takes through the net at once where there are no chunks.
  package static let mostProbedImages = 1024
  /// More lanes would make their sum dearer than it has to be.
  package static let mostLanes = 8

  /// Images in the batch.
  package let images: Int

  package init(images: Int) { self.images = images }

  package var chunks: Int { (images + LaneSchedule.chunkImages - 1) / LaneSchedule.chunkImages }

  package var lanes: Int { min(chunks, LaneSchedule.mostLanes) }

  package func chunks(ofLane lane: Int) -> Range<Int> {
    lane * chunks / lanes..<(lane + 1) * chunks / lanes
  }

  package func images(ofChunk chunk: Int) -> Range<Int> {
    chunk * LaneSchedule.chunkImages..<min((chunk + 1) * LaneSchedule.chunkImages, images)
  }
}
