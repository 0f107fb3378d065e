import CKernels
import Im2col

/// A plan's steps with all memory for runs of up to some number of images: one chunk's on its worker, or
/// a whole batch's.
///
///     activations   input -> step 1 -> output 1 -> step 2 -> ... -> logits        all kept: the way back needs them
///     gradients     two rows of memory that the way back uses in turn
///     kept          bytes that a step leaves for its way back
///
/// Unchecked: the memory is for one run at a time; the roads give every worker a space of its own.
package final class RunSpace: @unchecked Sendable {
  let plan: NetworkPlan
  let steps: [any Step]
  let images: Int
  /// Where each step's prepared numbers start among those of all steps.
  let preparedStarts: [Int]
  let preparedCount: Int

  private let layout: RunLayout
  private let memory: AlignedFloats
  private let kept: UnsafeMutablePointer<UInt8>
  /// nil: a run is done by its calling thread.
  private let workers: Workers?

  /// Zeros.
  init(_ plan: NetworkPlan, _ layout: RunLayout, workers: Workers?) {
    (self.plan, self.layout, self.workers) = (plan, layout, workers)
    (steps, images) = (layout.steps, layout.images)
    memory = AlignedFloats(layout.floats)
    var prepared = 0
    preparedStarts = layout.steps.map { step in
      defer { prepared += CacheLine.rounded(step.preparedFloats) }
      return prepared
    }
    preparedCount = prepared
    kept = .allocate(capacity: max(layout.keptBytes, 1))
    kept.initialize(repeating: 0, count: max(layout.keptBytes, 1))
  }

  deinit { kept.deallocate() }

  private var hands: Hands {
    Hands(
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
      images: images, input: input, output: output, parameters: parameters, kept: nil, draws: nil,
      hands: hands)
    for (index, step) in steps.enumerated() {
      run.output = index == steps.count - 1 ? output : activation(index + 1)
      step.forward(run)
      run.input = UnsafePointer(run.output)
    }
    if plan.endsInSoftmax {
      Activation.softmax.apply(rows: images, columns: plan.outputCount, output, into: output)
    }
  }

  /// The batch's images through all steps up to the logits, and their loss; leaves `scale * gradient of the
  /// loss` behind when a scale is given.
  private func lossOfRun<Data: TrainingData>(
    _ batch: Batch<Data>, _ range: Range<Int>,
    parameters: UnsafePointer<Float>, scale: Float?, draws: TrainingDraws?
  ) -> Score {
    let (input, targets) = (activation(0), memory.start + layout.targets)
    hands.forEachPart(of: range.count, weight: plan.inputCount) { _, part in
      for row in part {
        batch.copy(
          range.lowerBound + row, pixels: input + row * plan.inputCount, plan.inputCount,
          target: targets + row * plan.outputCount, plan.outputCount)
      }
    }
    for (index, step) in steps.enumerated() {
      step.forward(
        ForwardRun(
          images: range.count, input: activation(index), output: activation(index + 1),
          parameters: parameters,
          kept: scale == nil ? nil : kept + layout.keptStarts[index],
          draws: draws?.starting(at: range.lowerBound), hands: hands))
    }
    var hits: Int64 = 0
    var score = Score()
    score.lossSum = ckernels_softmax_cross_entropy(
      Int64(range.count), Int64(plan.outputCount), activation(steps.count), targets, scale ?? 0, nil,
      scale == nil ? nil : memory.start + layout.gradients.0, &hits)
    (score.hits, score.images) = (Int(hits), range.count)
    return score
  }

  /// Loss and hits of some of a batch's images, and their answers at their places where there is room for them.
  func evaluate<Data: TrainingData>(
    _ batch: Batch<Data>, _ range: Range<Int>, parameters: UnsafePointer<Float>,
    answers: UnsafeMutablePointer<Answer>?
  ) -> Score {
    let score = lossOfRun(batch, range, parameters: parameters, scale: nil, draws: nil)
    if let answers { answer(range.count, into: answers + range.lowerBound) }
    return score
  }

  /// Reads answers from the logits of the run before, which become probabilities.
  private func answer(_ images: Int, into answers: UnsafeMutablePointer<Answer>) {
    let (outputs, targets, classes) = (
      activation(steps.count), memory.start + layout.targets, plan.outputCount
    )
    for image in 0..<images {
      let (row, target) = (outputs + image * classes, targets + image * classes)
      // From the logits, as two of them can share a probability that two hits must not share.
      let prediction = Int(ckernels_first_largest(row, Int64(classes)))
      Activation.softmax.apply(rows: 1, columns: classes, row, into: row)
      answers[image] = Answer(
        label: Int(ckernels_first_largest(target, Int64(classes))), prediction: prediction,
        probability: row[prediction])
    }
  }

  // MARK: - Forward and back

  /// Loss of some of a batch's images, and the gradient of the parameters.
  ///
  /// - Parameters:
  ///   - prepared: what the steps prepared from the parameters; nil where nothing is.
  ///   - draws: for the batch.
  ///   - gradients: overwritten, or added to.
  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, _ range: Range<Int>, parameters: UnsafePointer<Float>,
    prepared: UnsafePointer<Float>?, draws: TrainingDraws, gradients all: UnsafeMutablePointer<Float>,
    accumulates: Bool
  ) -> Score {
    let score = lossOfRun(batch, range, parameters: parameters, scale: 1 / Float(batch.count), draws: draws)
    var (from, to) = (memory.start + layout.gradients.0, memory.start + layout.gradients.1)
    for index in steps.indices.reversed() {
      steps[index].backward(
        BackwardRun(
          images: range.count, input: activation(index), output: activation(index + 1), outputGradient: from,
          inputGradient: index == 0 ? nil : to, parameters: parameters,
          prepared: prepared.map { $0 + preparedStarts[index] }, gradients: all, accumulates: accumulates,
          kept: kept + layout.keptStarts[index], hands: hands))
      swap(&from, &to)
    }
    return score
  }

  /// Bytes that this space takes.
  var bytes: Int { layout.bytes }
}

/// Some images of a data set, in some order.
struct Batch<Data: TrainingData> {
  let data: Data
  /// Which images; nil for those from `first` on, in their own order.
  let order: UnsafePointer<Int>?
  let first: Int
  let count: Int

  func copy(
    _ position: Int, pixels: UnsafeMutablePointer<Float>, _ pixelCount: Int,
    target: UnsafeMutablePointer<Float>, _ targetCount: Int
  ) {
    let index = order.map { $0[first + position] } ?? first + position
    var pixels = UnsafeMutableBufferPointer(start: pixels, count: pixelCount).mutableSpan
    data.copyPixels(of: index, into: &pixels)
    var target = UnsafeMutableBufferPointer(start: target, count: targetCount).mutableSpan
    data.copyTarget(of: index, into: &target)
  }
}

extension NetworkPlan {
  /// The fused steps for runs of some number of images.
  package func steps(_ images: StepSettings.Images, trains: Bool, options: ComputeOptions) -> [any Step] {
    pieces.enumerated().map { index, piece in
      piece.step(
        StepSettings(
          images: images, needsInputGradient: index > 0, trains: trains,
          options: StepSettings.PassOptions(options)))
    }
  }
}
