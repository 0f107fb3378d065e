import CKernels
import Im2col

/// The ops of a plan, and the memory needed to run them on up to `images` images: a micro-batch or a whole
/// batch.
///
///     activations   input -> op 1 -> output 1 -> op 2 -> ... -> logits      all used by backward
///     gradients     two buffers that the backward pass uses alternately
///     saved         bytes that the ops save for backward
///
/// Unchecked `Sendable`: only one run at a time may use a workspace.
package final class Workspace: @unchecked Sendable {
  let plan: NetworkPlan
  let ops: [any Op]
  let images: Int
  /// The offset of each op's transposed kernel among those of all ops.
  let preparedStarts: [Int]
  let preparedCount: Int

  private let layout: WorkspaceLayout
  private let memory: AlignedFloats
  private let saved: UnsafeMutablePointer<UInt8>
  /// nil if the calling thread runs alone.
  private let workers: Workers?

  /// Allocates a workspace, initialized to zeros.
  init(_ plan: NetworkPlan, _ layout: WorkspaceLayout, workers: Workers?) {
    (self.plan, self.layout, self.workers) = (plan, layout, workers)
    (ops, images) = (layout.ops, layout.images)
    memory = AlignedFloats(layout.floats)
    var prepared = 0
    preparedStarts = layout.ops.map { op in
      defer { prepared += CacheLine.rounded(op.preparedFloats) }
      return prepared
    }
    preparedCount = prepared
    saved = .allocate(capacity: max(layout.savedBytes, 1))
    saved.initialize(repeating: 0, count: max(layout.savedBytes, 1))
  }

  deinit { saved.deallocate() }

  private var context: ExecutionContext {
    ExecutionContext(
      workers: workers, sharedScratch: memory.start + layout.sharedScratch,
      workerScratch: memory.start + layout.workerScratch,
      workerScratchStride: layout.workerScratchStride)
  }

  private func activation(_ index: Int) -> UnsafeMutablePointer<Float> {
    memory.start + layout.activations[index]
  }

  // MARK: - Forward

  /// Computes the outputs of images: probabilities if the model ends in softmax.
  func predict(
    images: Int, input: UnsafePointer<Float>, parameters: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>
  ) {
    var run = ForwardRun(
      images: images, input: input, output: output, parameters: parameters, saved: nil, randomKey: nil,
      context: context)
    for (index, op) in ops.enumerated() {
      run.output = index == ops.count - 1 ? output : activation(index + 1)
      op.forward(run)
      run.input = UnsafePointer(run.output)
    }
    if plan.endsInSoftmax {
      Activation.softmax.apply(rows: images, columns: plan.outputCount, output, into: output)
    }
  }

  /// Runs a range of a batch through all ops up to the logits and returns the score. With a `scale`, also
  /// writes `scale` times the gradient of the loss sum with respect to the logits.
  private func forwardScore<Data: TrainingData>(
    _ batch: Batch<Data>, _ range: Range<Int>,
    parameters: UnsafePointer<Float>, scale: Float?, randomKey: RandomKey?
  ) -> Score {
    let (input, targets) = (activation(0), memory.start + layout.targets)
    context.forEachPart(of: range.count, weight: plan.inputCount) { _, part in
      for row in part {
        batch.copy(
          range.lowerBound + row, pixels: input + row * plan.inputCount, plan.inputCount,
          target: targets + row * plan.outputCount, plan.outputCount)
      }
    }
    for (index, op) in ops.enumerated() {
      op.forward(
        ForwardRun(
          images: range.count, input: activation(index), output: activation(index + 1),
          parameters: parameters,
          saved: scale == nil ? nil : saved + layout.savedStarts[index],
          randomKey: randomKey?.starting(at: range.lowerBound), context: context))
    }
    var correct: Int64 = 0
    var score = Score()
    score.lossSum = ckernels_softmax_cross_entropy(
      Int64(range.count), Int64(plan.outputCount), activation(ops.count), targets, scale ?? 0, nil,
      scale == nil ? nil : memory.start + layout.gradients.0, &correct)
    (score.correct, score.images) = (Int(correct), range.count)
    return score
  }

  /// Returns the score of a range of a batch; writes the predictions if there is a buffer for them.
  func evaluate<Data: TrainingData>(
    _ batch: Batch<Data>, _ range: Range<Int>, parameters: UnsafePointer<Float>,
    predictions: UnsafeMutablePointer<ImagePrediction>?
  ) -> Score {
    let score = forwardScore(batch, range, parameters: parameters, scale: nil, randomKey: nil)
    if let predictions { writePredictions(range.count, into: predictions + range.lowerBound) }
    return score
  }

  /// Writes the predictions of the last run. Overwrites its logits with probabilities.
  private func writePredictions(_ images: Int, into predictions: UnsafeMutablePointer<ImagePrediction>) {
    let (outputs, targets, classes) = (
      activation(ops.count), memory.start + layout.targets, plan.outputCount
    )
    for image in 0..<images {
      let (row, target) = (outputs + image * classes, targets + image * classes)
      // Compare logits: different logits can round to the same probability.
      let predicted = Int(ckernels_first_largest(row, Int64(classes)))
      Activation.softmax.apply(rows: 1, columns: classes, row, into: row)
      predictions[image] = ImagePrediction(
        label: Int(ckernels_first_largest(target, Int64(classes))), predicted: predicted,
        probability: row[predicted])
    }
  }

  // MARK: - Forward and backward

  /// Returns the score of a range of a batch and computes the gradient of the parameters.
  ///
  /// - Parameters:
  ///   - prepared: the transposed kernels of all ops; nil to use the kernels untransposed.
  ///   - randomKey: the random key of the batch.
  ///   - gradients: the gradient of all parameters; overwritten, or added to if `accumulates` is true.
  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, _ range: Range<Int>, parameters: UnsafePointer<Float>,
    prepared: UnsafePointer<Float>?, randomKey: RandomKey, gradients all: UnsafeMutablePointer<Float>,
    accumulates: Bool
  ) -> Score {
    let score = forwardScore(
      batch, range, parameters: parameters, scale: 1 / Float(batch.count), randomKey: randomKey)
    var (from, to) = (memory.start + layout.gradients.0, memory.start + layout.gradients.1)
    for index in ops.indices.reversed() {
      ops[index].backward(
        BackwardRun(
          images: range.count, input: activation(index), output: activation(index + 1), outputGradient: from,
          inputGradient: index == 0 ? nil : to, parameters: parameters,
          prepared: prepared.map { $0 + preparedStarts[index] }, gradients: all, accumulates: accumulates,
          saved: saved + layout.savedStarts[index], context: context))
      swap(&from, &to)
    }
    return score
  }

  /// The size in bytes.
  var bytes: Int { layout.bytes }
}
