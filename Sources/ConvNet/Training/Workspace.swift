import CKernels
import Im2col

/// A plan's ops with all memory for runs of up to some number of images: one micro-batch's on its worker, or
/// a whole batch's.
///
///     activations   input -> op 1 -> output 1 -> op 2 -> ... -> logits        all saved: the way back needs them
///     gradients     two rows of memory that the way back uses in turn
///     saved          bytes that a op leaves for its way back
///
/// Unchecked: the memory is for one run at a time; the schedules give every worker a workspace of its own.
package final class Workspace: @unchecked Sendable {
  let plan: NetworkPlan
  let ops: [any Op]
  let images: Int
  /// Where each op's prepared numbers start among those of all ops.
  let preparedStarts: [Int]
  let preparedCount: Int

  private let layout: WorkspaceLayout
  private let memory: AlignedFloats
  private let saved: UnsafeMutablePointer<UInt8>
  /// nil: a run is done by its calling thread.
  private let workers: Workers?

  /// Zeros.
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
      workers: workers, shared: memory.start + layout.shared, own: memory.start + layout.own,
      stride: layout.ownStride)
  }

  private func activation(_ index: Int) -> UnsafeMutablePointer<Float> {
    memory.start + layout.activations[index]
  }

  // MARK: - Forward

  /// Rows of images to rows of outputs (probabilities where the model ends in softmax).
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

  /// The batch's images through all ops up to the logits, and their loss; leaves `scale * gradient of the
  /// loss` behind when a scale is given.
  private func lossOfRun<Data: TrainingData>(
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

  /// Loss and correct of some of a batch's images, and their predictions at their places where there is room for them.
  func evaluate<Data: TrainingData>(
    _ batch: Batch<Data>, _ range: Range<Int>, parameters: UnsafePointer<Float>,
    predictions: UnsafeMutablePointer<ImagePrediction>?
  ) -> Score {
    let score = lossOfRun(batch, range, parameters: parameters, scale: nil, randomKey: nil)
    if let predictions { readPredictions(range.count, into: predictions + range.lowerBound) }
    return score
  }

  /// Reads predictions from the logits of the run before, which become probabilities.
  private func readPredictions(_ images: Int, into predictions: UnsafeMutablePointer<ImagePrediction>) {
    let (outputs, targets, classes) = (
      activation(ops.count), memory.start + layout.targets, plan.outputCount
    )
    for image in 0..<images {
      let (row, target) = (outputs + image * classes, targets + image * classes)
      // From the logits, as two of them can share a probability that two correct must not share.
      let predicted = Int(ckernels_first_largest(row, Int64(classes)))
      Activation.softmax.apply(rows: 1, columns: classes, row, into: row)
      predictions[image] = ImagePrediction(
        label: Int(ckernels_first_largest(target, Int64(classes))), predicted: predicted,
        probability: row[predicted])
    }
  }

  // MARK: - Forward and back

  /// Loss of some of a batch's images, and the gradient of the parameters.
  ///
  /// - Parameters:
  ///   - prepared: what the ops prepared from the parameters; nil where nothing is.
  ///   - randomKey: for the batch.
  ///   - gradients: overwritten, or added to.
  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, _ range: Range<Int>, parameters: UnsafePointer<Float>,
    prepared: UnsafePointer<Float>?, randomKey: RandomKey, gradients all: UnsafeMutablePointer<Float>,
    accumulates: Bool
  ) -> Score {
    let score = lossOfRun(
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

  /// Bytes that this workspace takes.
  var bytes: Int { layout.bytes }
}
