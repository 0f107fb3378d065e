import Im2col

/// The offsets and sizes of the buffers of a `Workspace`. Computing them allocates nothing, so a batch that
/// does not fit into memory is rejected first.
struct WorkspaceLayout: Sendable {
  let ops: [any Op]
  let images: Int
  /// The offsets of the input and of the output of each op.
  let activations: [Int]
  let targets: Int
  let gradients: (Int, Int)
  let sharedScratch: Int
  let workerScratch: Int
  let workerScratchStride: Int
  /// The offset of each op's saved bytes.
  let savedStarts: [Int]
  /// The number of all scalars and of all saved bytes.
  let floats, savedBytes: Int

  /// - Throws: `ShapeError.memory` or `.overflow` when the workspace exceeds the physical memory.
  /// - Complexity: O(number of ops), plus the planning of their passes; allocates no memory for images.
  init(
    _ plan: NetworkPlan, _ images: OpSettings.Images, trains: Bool, options: ComputeOptions,
    workers: Workers?
  ) throws(ShapeError) {
    let maxImages = images.maxCount
    // Check first: planning the passes requires that the sizes of the batch do not overflow.
    for count in [plan.inputCount] + plan.opDescriptors.map(\.outputCount) {
      _ = try ShapeError.elementCount(of: [maxImages, count], named: WorkspaceLayout.name)
    }
    let ops = plan.makeOps(images, trains: trains, options: options)
    var floats = CheckedSize()
    activations =
      [floats.take(maxImages, rowsOf: plan.inputCount)]
      + ops.map { floats.take(maxImages, rowsOf: $0.outputCount) }
    targets = floats.take(maxImages, rowsOf: plan.outputCount)
    let widest = (ops.map(\.outputCount) + ops.dropFirst().map(\.inputCount)).max() ?? 0
    gradients =
      trains ? (floats.take(maxImages, rowsOf: widest), floats.take(maxImages, rowsOf: widest)) : (0, 0)
    sharedScratch = floats.take(1, rowsOf: ops.map(\.sharedScratchFloats).max() ?? 0)
    workerScratchStride = CacheLine.rounded(ops.map(\.workerScratchFloats).max() ?? 0)
    workerScratch = floats.take(workers?.count ?? 1, rowsOf: workerScratchStride)
    var saved = CheckedSize()
    savedStarts = ops.map { saved.take(maxImages, rowsOf: $0.savedBytes) }
    (self.ops, self.images, self.floats, savedBytes) = (ops, maxImages, floats.end, saved.end)

    let perImage = plan.inputCount + ops.reduce(0) { $0 + $1.outputCount }
    guard !floats.overflowed, !saved.overflowed else {
      throw .overflow("the \(WorkspaceLayout.name)", sizes: [maxImages, perImage])
    }
    guard bytes <= PhysicalMemory.bytes else {
      throw .memory(
        "the \(WorkspaceLayout.name)", sizes: [maxImages, perImage], bytes: bytes,
        physical: PhysicalMemory.bytes)
    }
  }

  /// The size of the workspace in bytes.
  var bytes: Int { floats * MemoryLayout<Float>.stride + savedBytes }

  /// The size in bytes of the scratch of all workers.
  var scratchBytes: Int {
    let shared = CacheLine.rounded(ops.map(\.sharedScratchFloats).max() ?? 0)
    return (shared + (floats - workerScratch)) * MemoryLayout<Float>.stride
  }

  private static let name = "activations of a batch"
}

/// Consecutive sizes, each rounded up to cache lines. They are bounded far below `Int.max`, so that the next
/// size and the total number of bytes do not overflow.
private struct CheckedSize {
  private(set) var end = 0
  private(set) var overflowed = false

  /// Appends `count` rows of `length` and returns their offset.
  mutating func take(_ count: Int, rowsOf length: Int) -> Int {
    let start = end
    let (size, tooLong) = count.multipliedReportingOverflow(by: length)
    if tooLong || size > Int.max / 64 || end > Int.max / 64 {
      overflowed = true
    } else {
      end += CacheLine.rounded(size)
    }
    return start
  }
}
