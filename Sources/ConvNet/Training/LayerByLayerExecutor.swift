import Im2col

/// Runs one op at a time on a whole batch; the workers share the work inside each op. For networks whose
/// activations do not fit a core's cache.
final class LayerByLayerExecutor: BatchExecutor {
  /// Only micro-batches use transposed kernels; the products of a whole batch are large enough without them.
  var workspaceWithTransposes: Workspace? { nil }
  private let plan: NetworkPlan
  private let trains: Bool
  private let options: ComputeOptions
  /// Workspaces by batch size, most recently used last: full batches and the last batch of an epoch, for
  /// training and for validation.
  private(set) var workspaces: [Workspace] = []
  private static let maxWorkspaces = 4
  /// The largest batch of a prediction or evaluation run.
  private let batchSize: Int

  init(_ plan: NetworkPlan, trains: Bool, options: ComputeOptions, batchSize: Int) {
    (self.plan, self.trains, self.options, self.batchSize) = (plan, trains, options, batchSize)
  }

  /// Returns the workspace for a batch size; a new one evicts the least recently used ones.
  private func workspace(forBatch images: Int) throws(ShapeError) -> Workspace {
    if let found = workspaces.lastIndex(where: { $0.images == images }) {
      if found != workspaces.endIndex - 1 { workspaces.append(workspaces.remove(at: found)) }
      return workspaces[workspaces.endIndex - 1]
    }
    let layout = try layout(forBatch: images)
    let room = PhysicalMemory.bytes - layout.bytes
    while !workspaces.isEmpty,
      workspaces.count >= LayerByLayerExecutor.maxWorkspaces || workspaces.reduce(0, { $0 + $1.bytes }) > room
    {
      workspaces.removeFirst()
    }
    let workspace = Workspace(plan, layout, workers: options.workers)
    workspaces.append(workspace)
    return workspace
  }

  private func layout(forBatch images: Int) throws(ShapeError) -> WorkspaceLayout {
    try WorkspaceLayout(plan, .exactly(images), trains: trains, options: options, workers: options.workers)
  }

  func requireMemory(training images: Int) throws(ShapeError) {
    guard !workspaces.contains(where: { $0.images == images }) else { return }
    _ = try layout(forBatch: images)
  }

  func requireMemory(predicting images: Int) throws(ShapeError) {
    try requireMemory(training: min(images, batchSize))
  }

  /// Calls `body` with ranges that cover `0..<images`.
  private func forEachRun(
    of images: Int, _ body: (Range<Int>) throws(ShapeError) -> Void
  ) throws(ShapeError) {
    for start in stride(from: 0, to: images, by: batchSize) {
      try body(start..<start + min(batchSize, images - start))
    }
  }

  func predict(
    images: Int, input: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>
  ) throws(ShapeError) {
    try forEachRun(of: images) { (range) throws(ShapeError) in
      try workspace(forBatch: range.count).predict(
        images: range.count, input: input + range.lowerBound * plan.inputCount, parameters: parameters,
        into: output + range.lowerBound * plan.outputCount)
    }
  }

  func evaluate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>,
    predictions: UnsafeMutablePointer<ImagePrediction>?
  ) throws(ShapeError) -> Score {
    var score = Score()
    try forEachRun(of: batch.count) { (range) throws(ShapeError) in
      score += try workspace(forBatch: range.count).evaluate(
        batch, range, parameters: parameters, predictions: predictions)
    }
    return score
  }

  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, parameters: UnsafePointer<Float>, prepared: UnsafePointer<Float>?,
    randomKey: RandomKey, into shards: ShardGradients
  ) throws(ShapeError) -> Score {
    let workspace = try workspace(forBatch: batch.count)
    shards.use(1)
    return workspace.differentiate(
      batch, 0..<batch.count, parameters: parameters, prepared: nil, randomKey: randomKey,
      gradients: shards.start,
      accumulates: false)
  }
}
