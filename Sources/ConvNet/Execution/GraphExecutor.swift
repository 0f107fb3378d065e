import Im2col

/// Runs batches through the ops of a graph.
///
///     micro-batch       worker 0:  [images  0-15: op 0, op 1, ... op n-1 and back] [images 32-47: ...]
///                       worker 1:  [images 16-31: op 0, op 1, ... op n-1 and back] ...
///     layer by layer    all workers: [op 0 on the whole batch] [op 1 on the whole batch] ... and back
///
/// Methods that take a batch throw `EngineError.shape` when memory cannot hold it, and `.data` when an image
/// of it cannot be used.
///
/// Unchecked `Sendable`: only one run at a time may use an executor.
final class GraphExecutor: @unchecked Sendable {
  let graph: OpGraph
  let schedule: ExecutionSchedule
  let options: ComputeOptions
  let objective: Objective
  /// Receives the events of all runs; nil for none.
  var observer: (any ExecutionObserver)?

  /// Under the micro-batch schedule, one workspace per worker.
  private let workspaces: [Workspace]
  /// Under the layer-by-layer schedule, workspaces by batch size, most recently used last: full batches, and
  /// the last batch of an epoch.
  private var batchWorkspaces: [Workspace] = []
  private static let maxBatchWorkspaces = 4
  /// The largest number of images of a run that does not train, under the layer-by-layer schedule.
  private let runImages: Int
  private let prepared: PreparedParameters

  /// - Parameter prepared: what ops derive from parameters that do not change; nil to compute it.
  init(
    _ graph: OpGraph, _ schedule: ExecutionSchedule, options: ComputeOptions,
    objective: Objective = .default, prepared: PreparedParameters? = nil
  ) throws(EngineError) {
    (self.graph, self.schedule, self.options, self.objective) = (graph, schedule, options, objective)
    runImages = GraphExecutor.runImages(of: graph)
    switch schedule {
    case .microBatch:
      let layout = try EngineError.shapes { () throws(ShapeError) in
        try WorkspaceLayout(graph, .upTo(ShardPlan.groupImages), options: options, workers: nil)
      }
      workspaces = (0..<options.workers.count).map { _ in Workspace(graph, layout, workers: nil) }
    case .layerByLayer:
      workspaces = []
    }
    self.prepared = prepared ?? PreparedParameters()
  }

  /// The batch sizes of the workspaces under the layer-by-layer schedule, most recently used last; for tests.
  var cachedBatchSizes: [Int] { batchWorkspaces.map(\.images) }

  /// Recomputes what ops derive from the parameters before the next run; call it when they have changed.
  func parametersChanged() { prepared.invalidate() }

  /// The images of a run that does not train: as many as let the values of an op fit half of a last-level cache
  /// of 32 MiB, or are as large as the parameters, which every run reads once.
  ///
  /// Measured at batch 32 (images/s on two cores by images of a run): MobileNetV2 244, 253, 250, 225, 211, 198
  /// for 1, 2, 4, 8, 16, 32; ResNet-18 70, 77, 98, 101, 104, 95; networks of small images are fastest with 32.
  private static func runImages(of graph: OpGraph) -> Int {
    let values = graph.ops.map { op in (op.inputs + [op.output]).map { graph.valueCounts[$0] }.reduce(0, +) }
    let room = max(maxRunFloats, graph.plan.parameterCount)
    return max(1, min(maxRunImages, room / max(1, values.max() ?? 0)))
  }

  private static let maxRunFloats = 16 * 1024 * 1024 / MemoryLayout<Float>.stride
  private static let maxRunImages = 32

  // MARK: - Memory

  /// Checks that memory can hold a training step; allocates nothing.
  func requireMemory(training images: Int) throws(EngineError) {
    guard schedule == .layerByLayer, !batchWorkspaces.contains(where: { $0.images == images }) else { return }
    _ = try layout(forBatch: images)
  }

  /// Checks that memory can hold a prediction or evaluation; allocates nothing.
  func requireMemory(predicting images: Int) throws(EngineError) {
    try requireMemory(training: min(images, runImages))
  }

  private func layout(forBatch images: Int) throws(EngineError) -> WorkspaceLayout {
    try EngineError.shapes { () throws(ShapeError) in
      try WorkspaceLayout(graph, .exactly(images), options: options, workers: options.workers)
    }
  }

  /// Returns the workspace for a batch size; a new one evicts the least recently used ones.
  private func workspace(forBatch images: Int) throws(EngineError) -> Workspace {
    if let found = batchWorkspaces.lastIndex(where: { $0.images == images }) {
      batchWorkspaces.append(batchWorkspaces.remove(at: found))
      return batchWorkspaces[batchWorkspaces.endIndex - 1]
    }
    let layout = try layout(forBatch: images)
    let room = PhysicalMemory.bytes - layout.bytes
    while !batchWorkspaces.isEmpty,
      batchWorkspaces.count >= GraphExecutor.maxBatchWorkspaces
        || batchWorkspaces.reduce(0, { $0 + $1.bytes }) > room
    {
      batchWorkspaces.removeFirst()
    }
    let workspace = Workspace(graph, layout, workers: options.workers)
    batchWorkspaces.append(workspace)
    return workspace
  }

  // MARK: - Inference

  /// Computes the outputs of a batch: `[images, inputCount]` to `[images, outputCount]`.
  private func predict(
    images: Int, input: UnsafePointer<Float>, _ parameters: AlignedFloats,
    into output: UnsafeMutablePointer<Float>
  ) throws(EngineError) {
    let (inputCount, outputCount) = (graph.plan.inputCount, graph.plan.outputCount)
    try forEachRun(of: images, parameters) { workspace, range, _, parameters in
      workspace.predict(
        range, input: input + range.lowerBound * inputCount, parameters,
        into: output + range.lowerBound * outputCount, observer)
    }
  }

  /// Computes the outputs of images whose shape has been checked.
  ///
  /// - Parameters:
  ///   - images: `[batch, height, width, channels]`, with at least one image.
  ///   - output: `[batch, outputs]`; overwritten.
  func predict(_ images: Tensor, _ parameters: AlignedFloats, into output: inout Tensor) throws(EngineError) {
    try images.withUnsafeScalars { (input) throws(EngineError) in
      try output.withUnsafeMutableScalars { (output) throws(EngineError) in
        try predict(images: images.shape[0], input: input, parameters, into: output)
      }
    }
  }

  /// Returns the score of a batch; writes one prediction per image if there is a buffer for them.
  func evaluate<Data: TrainingData>(
    _ batch: Batch<Data>, _ parameters: AlignedFloats, predictions: UnsafeMutablePointer<ImagePrediction>?
  ) throws(EngineError) -> Score {
    let total = try summed(runs(of: batch.count)) { (scores) throws(EngineError) in
      try forEachRun(of: batch.count, parameters) { workspace, range, run, parameters in
        scores[run] = workspace.evaluate(
          batch, range, parameters, objective, predictions: predictions, observer)
      }
    }
    return try checked(total, batch)
  }

  /// The number of runs of a batch.
  private func runs(of images: Int) -> Int {
    switch schedule {
    case .microBatch: ShardPlan(images: images).microBatches
    case .layerByLayer: (images + runImages - 1) / runImages
    }
  }

  /// Calls `body` for every run of a batch: for micro-batches on all workers, for runs of at most
  /// `runImages` images in order.
  private func forEachRun(
    of images: Int, _ parameters: AlignedFloats,
    _ body: (Workspace, Range<Int>, _ run: Int, ParameterMemory) -> Void
  ) throws(EngineError) {
    switch schedule {
    case .microBatch:
      let plan = ShardPlan(images: images)
      let memory = prepared.memory(parameters, workspaces[0].ops, options.workers)
      options.workers.run(plan.microBatches) { run, worker in
        body(workspaces[worker], plan.images(ofMicroBatch: run), run, memory)
      }
    case .layerByLayer:
      for (run, start) in stride(from: 0, to: images, by: runImages).enumerated() {
        let range = start..<min(start + runImages, images)
        let workspace = try workspace(forBatch: range.count)
        body(workspace, range, run, prepared.memory(parameters, workspace.ops, options.workers))
      }
    }
  }

  // MARK: - Training

  /// Returns the score of a batch; writes the gradient of its mean loss as shards to be added.
  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, _ parameters: AlignedFloats, randomKey: RandomKey, into shards: ShardGradients
  ) throws(EngineError) -> Score {
    let total: PartScore
    switch schedule {
    case .microBatch:
      let plan = ShardPlan(images: batch.count)
      let memory = prepared.memory(parameters, workspaces[0].ops, options.workers)
      shards.use(plan.shards)
      total = summed(plan.shards) { scores in
        options.workers.run(plan.shards) { shard, worker in
          var score = PartScore()
          for (index, range) in plan.microBatches(ofShard: shard).enumerated() where score.invalid == nil {
            score += workspaces[worker].differentiate(
              batch, range, memory, objective, randomKey: randomKey,
              gradients: shards.start(ofShard: shard), accumulates: index > 0, observer)
          }
          scores[shard] = score
        }
      }
    case .layerByLayer:
      let workspace = try workspace(forBatch: batch.count)
      shards.use(1)
      total = workspace.differentiate(
        batch, 0..<batch.count, prepared.memory(parameters, workspace.ops, options.workers), objective,
        randomKey: randomKey, gradients: shards.start(ofShard: 0), accumulates: false, observer)
    }
    return try checked(total, batch)
  }

  /// Returns the score of a batch.
  ///
  /// - Throws: `EngineError.data` when an image could not be used.
  private func checked<Data: TrainingData>(
    _ total: PartScore, _ batch: Batch<Data>
  ) throws(EngineError) -> Score {
    guard let invalid = total.invalid else { return total.score }
    var pixels = [Float](repeating: 0, count: graph.plan.inputCount)
    var target = [Float](repeating: 0, count: graph.plan.outputCount)
    pixels.withUnsafeMutableBufferPointer { pixels in
      target.withUnsafeMutableBufferPointer { target in
        guard let pixelStart = pixels.baseAddress, let targetStart = target.baseAddress else { return }
        batch.copy(invalid, pixels: pixelStart, pixels.count, target: targetStart, target.count)
      }
    }
    throw .data(
      DataError(image: batch.imageIndex(invalid), pixels: pixels, target: target, objective.loss))
  }

  // MARK: - Scores

  /// The scores of the parts of a batch; reused, so that a repeated batch allocates nothing.
  private var partialScores: [PartScore] = []

  /// Returns the sum of the scores of a number of parts, in their order. `body` writes each one, on any
  /// thread.
  private func summed<E: Error>(
    _ parts: Int, _ body: (UnsafeMutablePointer<PartScore>) throws(E) -> Void
  ) throws(E) -> PartScore {
    if partialScores.count < parts { partialScores = [PartScore](repeating: PartScore(), count: parts) }
    return try partialScores.withUnsafeMutableBufferPointer { (scores) throws(E) in
      guard let start = scores.baseAddress else { return PartScore() }
      try body(start)
      return scores[..<parts].reduce(into: PartScore()) { $0 += $1 }
    }
  }
}
