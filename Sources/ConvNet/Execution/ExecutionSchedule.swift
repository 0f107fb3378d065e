import Im2col

/// How an executor distributes a batch over the workers.
package enum ExecutionSchedule: String, Sendable, Hashable, CaseIterable {
  /// Each worker runs a few images through all ops while their activations are in its cache.
  case microBatch
  /// All workers share the work inside each op, which runs on the whole batch.
  case layerByLayer

  /// The largest activations of a micro-batch, in bytes, that are assumed to fit a core's cache.
  private static let maxMicroBatchBytes = 1024 * 1024
  /// The largest parameters, in bytes: every shard has a gradient of this size.
  private static let maxParameterBytes = 4 * 1024 * 1024

  /// The schedule of a graph, determined by its shapes and its purpose.
  package init(for graph: OpGraph) {
    let outputs = graph.ops.map(\.descriptor.outputCount)
    let widest = outputs.max() ?? 0
    let perImage = graph.plan.inputCount + outputs.reduce(0, +) + 2 * widest
    let working = graph.ops.map(\.descriptor.workingCount).max() ?? 0
    // Quotients, because products of large shapes could overflow.
    let maxPerImage =
      ExecutionSchedule.maxMicroBatchBytes / MemoryLayout<Float>.stride / ShardPlan.groupImages
    let fits =
      perImage <= maxPerImage
      && working <= ExecutionSchedule.maxMicroBatchBytes / 4 / MemoryLayout<Float>.stride
      && graph.plan.parameterCount <= ExecutionSchedule.maxParameterBytes / MemoryLayout<Float>.stride
    let isPossible = !(graph.purpose.trains && graph.needsWholeBatch)
    self = fits && isPossible ? .microBatch : .layerByLayer
  }
}
