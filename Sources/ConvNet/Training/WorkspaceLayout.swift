import Im2col

/// Where everything lies in the memory of a `Workspace`, and how much memory that is: sizes alone, so that a
/// batch that cannot be held is refused before anything is allocated.
struct WorkspaceLayout: Sendable {
  let ops: [any Op]
  let images: Int
  /// Where input and outputs start.
  let activations: [Int]
  let targets: Int
  let gradients: (Int, Int)
  let shared: Int
  let own: Int
  let ownStride: Int
  /// Where each op's kept bytes start.
  let savedStarts: [Int]
  /// All scalars, and all kept bytes.
  let floats, savedBytes: Int

  /// - Throws: `ShapeError.memory` or `.overflow` when this is more than the machine has.
  /// - Complexity: O(ops), and what planning their passes takes; no memory for images.
  init(
    _ plan: NetworkPlan, _ images: OpSettings.Images, trains: Bool, options: ComputeOptions,
    workers: Workers?
  ) throws(ShapeError) {
    let most = images.most
    // Before the passes are planned, which takes the batch's rows to be countable.
    for op in [plan.inputCount] + plan.ops.map(\.outputCount) {
      _ = try ShapeError.elementCount(of: [most, op], named: WorkspaceLayout.name)
    }
    let ops = plan.ops(images, trains: trains, options: options)
    var floats = CheckedSize()
    activations =
      [floats.take(most, rowsOf: plan.inputCount)] + ops.map { floats.take(most, rowsOf: $0.outputCount) }
    targets = floats.take(most, rowsOf: plan.outputCount)
    let widest = (ops.map(\.outputCount) + ops.dropFirst().map(\.inputCount)).max() ?? 0
    gradients = trains ? (floats.take(most, rowsOf: widest), floats.take(most, rowsOf: widest)) : (0, 0)
    shared = floats.take(1, rowsOf: ops.map(\.sharedFloats).max() ?? 0)
    ownStride = CacheLine.rounded(ops.map(\.workerFloats).max() ?? 0)
    own = floats.take(workers?.count ?? 1, rowsOf: ownStride)
    var saved = CheckedSize()
    savedStarts = ops.map { saved.take(most, rowsOf: $0.savedBytes) }
    (self.ops, self.images, self.floats, savedBytes) = (ops, most, floats.end, saved.end)

    let perImage = plan.inputCount + ops.reduce(0) { $0 + $1.outputCount }
    guard !floats.overflowed, !saved.overflowed else {
      throw .overflow("the \(WorkspaceLayout.name)", sizes: [most, perImage])
    }
    guard bytes <= PhysicalMemory.bytes else {
      throw .memory(
        "the \(WorkspaceLayout.name)", sizes: [most, perImage], bytes: bytes, physical: PhysicalMemory.bytes)
    }
  }

  /// Bytes that a workspace of this layout takes.
  var bytes: Int { floats * MemoryLayout<Float>.stride + savedBytes }

  /// Bytes of what workers use while a op runs.
  var scratchBytes: Int {
    let shared = CacheLine.rounded(ops.map(\.sharedFloats).max() ?? 0)
    return (shared + (floats - own)) * MemoryLayout<Float>.stride
  }

  private static let name = "images and layers' outputs of a batch"
}

/// Sizes one behind the other, each from a cache line on; far from the end of `Int`, so
/// that the next one and the bytes of all can still be counted.
private struct CheckedSize {
  private(set) var end = 0
  private(set) var overflowed = false

  /// Where `count` rows of `length` start.
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
