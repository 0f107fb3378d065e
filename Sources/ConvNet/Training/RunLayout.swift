import Im2col

/// Where everything lies in the memory of a `RunSpace`, and how much memory that is: sizes alone, so that a
/// batch that cannot be held is refused before anything is allocated.
struct RunLayout: Sendable {
  let steps: [any Step]
  let images: Int
  /// Where input and outputs start.
  let activations: [Int]
  let targets: Int
  let gradients: (Int, Int)
  let shared: Int
  let own: Int
  let ownStride: Int
  /// Where each step's kept bytes start.
  let keptStarts: [Int]
  /// All scalars, and all kept bytes.
  let floats, keptBytes: Int

  /// - Throws: `ShapeError.memory` or `.overflow` when this is more than the machine has.
  /// - Complexity: O(steps), and what planning their passes takes; no memory for images.
  init(
    _ plan: NetworkPlan, _ images: StepSettings.Images, trains: Bool, options: ComputeOptions,
    workers: Workers?
  ) throws(ShapeError) {
    let most = images.most
    // Before the passes are planned, which takes the batch's rows to be countable.
    for piece in [plan.inputCount] + plan.pieces.map(\.outputCount) {
      _ = try ShapeError.elementCount(of: [most, piece], named: RunLayout.name)
    }
    let steps = plan.steps(images, trains: trains, options: options)
    var floats = CheckedSize()
    activations =
      [floats.take(most, rowsOf: plan.inputCount)] + steps.map { floats.take(most, rowsOf: $0.outputCount) }
    targets = floats.take(most, rowsOf: plan.outputCount)
    let widest = (steps.map(\.outputCount) + steps.dropFirst().map(\.inputCount)).max() ?? 0
    gradients = trains ? (floats.take(most, rowsOf: widest), floats.take(most, rowsOf: widest)) : (0, 0)
    shared = floats.take(1, rowsOf: steps.map(\.sharedFloats).max() ?? 0)
    ownStride = CacheLine.rounded(steps.map(\.workerFloats).max() ?? 0)
    own = floats.take(workers?.count ?? 1, rowsOf: ownStride)
    var kept = CheckedSize()
    keptStarts = steps.map { kept.take(most, rowsOf: $0.keptBytes) }
    (self.steps, self.images, self.floats, keptBytes) = (steps, most, floats.end, kept.end)

    let perImage = plan.inputCount + steps.reduce(0) { $0 + $1.outputCount }
    guard !floats.overflowed, !kept.overflowed else {
      throw .overflow("the \(RunLayout.name)", sizes: [most, perImage])
    }
    guard bytes <= PhysicalMemory.bytes else {
      throw .memory(
        "the \(RunLayout.name)", sizes: [most, perImage], bytes: bytes, physical: PhysicalMemory.bytes)
    }
  }

  /// Bytes that a space of this layout takes.
  var bytes: Int { floats * MemoryLayout<Float>.stride + keptBytes }

  /// Bytes of what workers use while a step runs.
  var scratchBytes: Int {
    let shared = CacheLine.rounded(steps.map(\.sharedFloats).max() ?? 0)
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
