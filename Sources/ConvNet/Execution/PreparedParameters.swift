import Im2col

/// What the ops of a graph derive from the parameters, computed once after every change of the parameters:
/// for inference, kernels with batch normalization folded in.
///
/// Unchecked `Sendable`: the executor of a model computes it while it alone uses the model, and a `Predictor`
/// before its first prediction; then it is only read.
final class PreparedParameters: @unchecked Sendable {
  private var memory = AlignedFloats(0)
  private var starts: [Int] = []
  private var isCurrent = false

  /// Has the next call of `memory` compute everything again.
  func invalidate() { isCurrent = false }

  /// Returns the parameters and what the ops derive from them.
  ///
  /// - Parameter ops: the ops of the graph, made for any number of images.
  func memory(_ parameters: AlignedFloats, _ ops: [any Op], _ workers: Workers) -> ParameterMemory {
    if !isCurrent {
      isCurrent = true
      prepare(parameters, ops, workers)
    }
    return ParameterMemory(
      start: UnsafePointer(parameters.start), state: parameters.start, prepared: UnsafePointer(memory.start),
      preparedStarts: starts)
  }

  private func prepare(_ parameters: AlignedFloats, _ ops: [any Op], _ workers: Workers) {
    var end = 0
    starts = ops.map { op in
      defer { end += CacheLine.rounded(op.preparedFloats) }
      return end
    }
    if memory.count < end { memory = AlignedFloats(end) }
    guard end > 0 else { return }
    let (source, target) = (UnsafePointer(parameters.start), memory.start)
    workers.run(ops.count) { op, _ in ops[op].prepare(source, into: target + starts[op]) }
  }
}
