import Im2col

/// The offsets and sizes of the buffers of a `Workspace`. Computing them allocates nothing, so a batch that
/// does not fit into memory is rejected first.
///
/// Values and gradients share memory by lifetime. In time order, for ops 0 to `n - 1`:
///
///     0            1 ... n            n + 1     n + 2 ... 2n + 1
///     the input    ops 0 to n - 1     loss      ops n - 1 to 0 backward
///
/// A value lives until its last reader, which for training may be a backward pass. A gradient lives from the
/// backward pass of the value's last reader to that of its writer. If a value has several readers, the last
/// one in the forward order writes its gradient, and those of the others are added.
struct WorkspaceLayout: Sendable {
  let ops: [any Op]
  let images: Int
  /// The offset of each value.
  let values: [Int]
  /// The offset of the gradient of each value; 0 where it is not needed.
  let gradients: [Int]
  /// Where each op writes the gradient of each input.
  let gradientTargets: [[GradientTarget]]
  let targets: Int
  let sharedScratch: Int
  let workerScratch: Int
  let workerScratchStride: Int
  /// The offset of each op's saved bytes.
  let savedStarts: [Int]
  /// The number of all scalars and of all saved bytes.
  let floats, savedBytes: Int

  /// Where an op writes the gradient of an input.
  enum GradientTarget: Sendable, Equatable {
    /// Nothing before the input is trained.
    case none
    /// The gradient of the value.
    case gradient
    /// A buffer at an offset, which is then added to the gradient of the value.
    case added(Int)
  }

  /// - Throws: `ShapeError.memory` or `.overflow` when the workspace exceeds the physical memory.
  /// - Complexity: O(*n*²) where *n* is the number of ops, plus the planning of their passes; allocates no
  ///   memory for images.
  init(
    _ graph: OpGraph, _ images: OpSettings.Images, options: ComputeOptions, workers: Workers?
  ) throws(ShapeError) {
    let maxImages = images.maxCount
    // Check first: planning the passes requires that the sizes of the batch do not overflow.
    for count in graph.valueCounts {
      _ = try ShapeError.elementCount(of: [maxImages, count], named: WorkspaceLayout.name)
    }
    ops = graph.makeOps(images, options: options)
    self.images = maxImages
    var places = BufferPlaces(graph, ops, images: maxImages)
    places.addValues()
    if graph.purpose.trains { places.addGradients() }
    let plan = places.place()
    (values, gradients, gradientTargets) = (plan.values, plan.gradients, plan.gradientTargets)
    targets = plan.targets

    var floats = CheckedSize(end: plan.size)
    sharedScratch = floats.take(1, rowsOf: ops.map(\.sharedScratchFloats).max() ?? 0)
    workerScratchStride = CacheLine.rounded(ops.map(\.workerScratchFloats).max() ?? 0)
    workerScratch = floats.take(workers?.count ?? 1, rowsOf: workerScratchStride)
    var saved = CheckedSize()
    savedStarts = ops.map { op in
      let start = saved.take(maxImages, rowsOf: op.savedBytes)
      _ = saved.take(1, rowsOf: op.savedBytesPerRun)
      return start
    }
    (self.floats, savedBytes) = (floats.end, saved.end)

    let perImage = graph.valueCounts.reduce(0, +)
    guard !floats.overflowed, !saved.overflowed, !places.overflowed else {
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
  var scratchBytes: Int { (floats - sharedScratch) * MemoryLayout<Float>.stride }

  private static let name = "activations of a batch"
}

/// The buffers of values and gradients, and their lifetimes.
private struct BufferPlaces {
  private let graph: OpGraph
  private let ops: [any Op]
  private let images: Int
  private var sizes = CheckedSize()
  private var buffers: [MemoryPlan.Buffer] = []
  /// The buffer of each value and of its gradient; nil for none.
  private var valueBuffers, gradientBuffers: [Int?]
  /// The buffer of each added gradient, by op and input.
  private var addedBuffers: [[Int?]]
  private var targetBuffer = 0

  init(_ graph: OpGraph, _ ops: [any Op], images: Int) {
    (self.graph, self.ops, self.images) = (graph, ops, images)
    valueBuffers = graph.valueCounts.map { _ in nil }
    gradientBuffers = valueBuffers
    addedBuffers = graph.ops.map { op in op.inputs.map { _ in nil } }
    targetBuffer = add(graph.plan.outputCount, 0...lossTime)
  }

  /// Whether the sizes exceed the range of addresses.
  var overflowed: Bool { sizes.overflowed }

  private var lossTime: Int { ops.count + 1 }
  private func forwardTime(_ op: Int) -> Int { op + 1 }
  private func backwardTime(_ op: Int) -> Int { 2 * ops.count + 1 - op }

  /// Whether an op runs backward.
  private func runsBackward(_ op: Int) -> Bool {
    graph.purpose.trains && graph.needsGradient[graph.ops[op].output]
  }

  /// The ops that read a value, once for every input that is the value.
  private func readers(of value: Int) -> [(op: Int, input: Int)] {
    graph.ops.enumerated().flatMap { op, planned in
      planned.inputs.enumerated().filter { $0.element == value }.map { (op, $0.offset) }
    }
  }

  private mutating func add(_ count: Int, _ life: ClosedRange<Int>) -> Int {
    let start = sizes.end
    _ = sizes.take(images, rowsOf: count)
    buffers.append(MemoryPlan.Buffer(size: sizes.end - start, life: life))
    return buffers.count - 1
  }

  mutating func addValues() {
    var writer = [Int?](repeating: nil, count: graph.valueCounts.count)
    for (index, op) in graph.ops.enumerated() { writer[op.output] = index }
    for (value, count) in graph.valueCounts.enumerated() where count > 0 {
      let birth = writer[value].map(forwardTime) ?? 0
      var death = value == graph.output ? lossTime : birth
      for (op, _) in readers(of: value) {
        death = max(death, forwardTime(op))
        if runsBackward(op), ops[op].backwardReadsInputs { death = max(death, backwardTime(op)) }
      }
      if let op = writer[value], runsBackward(op), ops[op].backwardReadsOutput {
        death = max(death, backwardTime(op))
      }
      valueBuffers[value] = add(count, birth...death)
    }
  }

  /// Later readers first, as backward runs.
  mutating func addGradients() {
    for (index, op) in graph.ops.enumerated().reversed() where runsBackward(index) {
      // The gradient of the output has been added: by the loss, or by a reader of the output.
      if gradientBuffers[op.output] == nil {
        gradientBuffers[op.output] = add(graph.valueCounts[op.output], lossTime...backwardTime(index))
      }
      for (input, value) in op.inputs.enumerated() where graph.needsGradient[value] {
        let readers = readers(of: value)
        guard gradientBuffers[value] == nil, value != graph.output else {
          addedBuffers[index][input] = add(
            graph.valueCounts[value], backwardTime(index)...backwardTime(index))
          continue
        }
        let death = writerBackwardTime(of: value)
        if ops[index].inputSharingGradient == input, readers.count == 1,
          let shared = gradientBuffers[op.output]
        {
          gradientBuffers[value] = shared
          buffers[shared].life = buffers[shared].life.lowerBound...max(buffers[shared].life.upperBound, death)
        } else {
          gradientBuffers[value] = add(graph.valueCounts[value], backwardTime(index)...death)
        }
      }
    }
  }

  private func writerBackwardTime(of value: Int) -> Int {
    graph.ops.firstIndex { $0.output == value }.map(backwardTime) ?? backwardTime(0)
  }

  func place() -> (
    values: [Int], gradients: [Int], gradientTargets: [[WorkspaceLayout.GradientTarget]], targets: Int,
    size: Int
  ) {
    let plan = MemoryPlan(overflowed ? [] : buffers)
    func offset(_ buffer: Int?) -> Int { overflowed ? 0 : buffer.map { plan.offsets[$0] } ?? 0 }
    let targets = graph.ops.enumerated().map { index, op in
      op.inputs.indices.map { input -> WorkspaceLayout.GradientTarget in
        guard runsBackward(index), graph.needsGradient[op.inputs[input]] else { return .none }
        return addedBuffers[index][input].map { .added(offset($0)) } ?? .gradient
      }
    }
    return (
      valueBuffers.map(offset), gradientBuffers.map(offset), targets, offset(targetBuffer), plan.size
    )
  }
}

/// Consecutive sizes, each rounded up to cache lines. They are bounded far below `Int.max`, so that the next
/// size and the total number of bytes do not overflow.
struct CheckedSize {
  private(set) var end = 0
  private(set) var overflowed = false

  init(end: Int = 0) { self.end = end }

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
