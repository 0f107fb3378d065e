import CKernels
import Im2col

/// The ops of a graph, and the memory needed to run them on up to `images` images: a micro-batch or a whole
/// batch.
///
///     values      input -> op 0 -> value 1 -> op 1 -> ... -> logits
///     gradients   logits' gradient -> op n-1 -> ... -> op 0
///     saved       bytes that the ops save for backward
///
/// Unchecked `Sendable`: only one run at a time may use a workspace.
final class Workspace: @unchecked Sendable {
  let graph: OpGraph
  let ops: [any Op]
  let images: Int

  private let layout: WorkspaceLayout
  private let memory: AlignedFloats
  private let saved: UnsafeMutablePointer<UInt8>
  /// The memory of each op's inputs, and of their gradients.
  private let inputs: [[UnsafePointer<Float>]]
  private let inputGradients: [[UnsafeMutablePointer<Float>?]]
  private let context: ExecutionContext

  /// Allocates a workspace, initialized to zeros.
  ///
  /// - Parameter workers: nil if the calling thread runs alone.
  init(_ graph: OpGraph, _ layout: WorkspaceLayout, workers: Workers?) {
    (self.graph, self.layout) = (graph, layout)
    (ops, images) = (layout.ops, layout.images)
    let memory = AlignedFloats(layout.floats)
    self.memory = memory
    saved = .allocate(capacity: max(layout.savedBytes, 1))
    saved.initialize(repeating: 0, count: max(layout.savedBytes, 1))
    inputs = graph.ops.map { op in op.inputs.map { UnsafePointer(memory.start + layout.values[$0]) } }
    inputGradients = graph.ops.enumerated().map { index, op in
      op.inputs.indices.map { input in
        switch layout.gradientTargets[index][input] {
        case .none: nil
        case .gradient: memory.start + layout.gradients[op.inputs[input]]
        case .added(let offset): memory.start + offset
        }
      }
    }
    context = ExecutionContext(
      workers: workers, sharedScratch: memory.start + layout.sharedScratch,
      workerScratch: memory.start + layout.workerScratch, workerScratchStride: layout.workerScratchStride)
  }

  deinit { saved.deallocate() }

  /// The size in bytes.
  var bytes: Int { layout.bytes }

  private func value(_ index: Int) -> UnsafeMutablePointer<Float> { memory.start + layout.values[index] }

  // MARK: - Forward

  /// Computes the outputs of images, with the final activation if there is one.
  ///
  /// - Parameters:
  ///   - input: `[images, inputCount]` of the range.
  ///   - output: `[images, outputCount]` of the range; overwritten.
  func predict(
    _ range: Range<Int>, input: UnsafePointer<Float>, _ parameters: ParameterMemory,
    into output: UnsafeMutablePointer<Float>, _ observer: (any ExecutionObserver)?
  ) {
    runForward(range, input: input, output: output, parameters, randomKey: nil, observer)
    let columns = graph.plan.outputCount
    if let activation = graph.finalActivation {
      activation.apply(rows: range.count, columns: columns, output, into: output)
    }
  }

  /// Runs all ops.
  ///
  /// - Parameters:
  ///   - input: the input; nil if it is in the workspace.
  ///   - output: where to write the output; nil for the workspace.
  private func runForward(
    _ range: Range<Int>, input: UnsafePointer<Float>?, output: UnsafeMutablePointer<Float>?,
    _ parameters: ParameterMemory, randomKey: RandomKey?, _ observer: (any ExecutionObserver)?
  ) {
    for (index, op) in ops.enumerated() {
      let planned = graph.ops[index]
      var inputs = inputs[index]
      if let input, planned.inputs.contains(0) {
        for position in planned.inputs.indices where planned.inputs[position] == 0 {
          inputs[position] = input
        }
      }
      let target = planned.output == graph.output ? output ?? value(graph.output) : value(planned.output)
      observer.observing(.forward(op: index), range, output: target) {
        op.forward(
          ForwardRun(
            images: range.count, inputs: inputs, output: target, parameters: parameters.start,
            state: graph.purpose.trains ? parameters.state : nil,
            prepared: parameters.prepared + parameters.preparedStarts[index],
            saved: graph.purpose.trains ? saved + layout.savedStarts[index] : nil,
            randomKey: randomKey, context: context))
      }
    }
  }

  /// Runs a range of a batch through all ops and returns the score. With a `scale`, also writes `scale` times
  /// the gradient of the loss sum with respect to the output. Runs nothing if an image cannot be used.
  private func forwardScore<Data: TrainingData>(
    _ batch: Batch<Data>, _ range: Range<Int>, _ parameters: ParameterMemory, _ objective: Objective,
    scale: Float?, randomKey: RandomKey?, _ observer: (any ExecutionObserver)?
  ) -> PartScore {
    if let invalid = load(batch, range, objective.loss) { return PartScore(invalid: invalid) }
    runForward(
      range, input: nil, output: nil, parameters, randomKey: randomKey?.starting(at: range.lowerBound),
      observer)
    var score = Score()
    observer.observing(.loss, range) {
      score = objective.score(
        images: range.count, count: graph.plan.outputCount, outputs: value(graph.output),
        targets: memory.start + layout.targets, scale: scale ?? 0,
        gradient: scale == nil ? nil : memory.start + layout.gradients[graph.output])
    }
    return PartScore(score: score)
  }

  /// Copies images and targets; returns the position of the first image that cannot be used.
  private func load<Data: TrainingData>(
    _ batch: Batch<Data>, _ range: Range<Int>, _ loss: any Loss
  ) -> Int? {
    let (inputs, targets) = (value(0), memory.start + layout.targets)
    let (inputCount, targetCount) = (graph.plan.inputCount, graph.plan.outputCount)
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: ExecutionContext.maxParts) { invalid in
      invalid.initialize(repeating: .max)
      context.forEachPart(of: range.count, weight: inputCount) { part, rows in
        for row in rows {
          let (input, target) = (inputs + row * inputCount, targets + row * targetCount)
          batch.copy(range.lowerBound + row, pixels: input, inputCount, target: target, targetCount)
          let isAccepted = DataError.accepts(
            pixels: UnsafeBufferPointer(start: input, count: inputCount),
            target: UnsafeBufferPointer(start: target, count: targetCount), loss)
          if !isAccepted { invalid[part] = min(invalid[part], range.lowerBound + row) }
        }
      }
      return invalid.min().flatMap { $0 == .max ? nil : $0 }
    }
  }

  /// Returns the score of a range of a batch; writes the predictions if there is a buffer for them.
  func evaluate<Data: TrainingData>(
    _ batch: Batch<Data>, _ range: Range<Int>, _ parameters: ParameterMemory, _ objective: Objective,
    predictions: UnsafeMutablePointer<ImagePrediction>?, _ observer: (any ExecutionObserver)?
  ) -> PartScore {
    let score = forwardScore(batch, range, parameters, objective, scale: nil, randomKey: nil, observer)
    if let predictions, score.invalid == nil {
      writePredictions(
        range.count, graph.finalActivation ?? objective.loss.includedActivation,
        into: predictions + range.lowerBound)
    }
    return score
  }

  /// Writes the predictions of the last run. Overwrites its outputs with probabilities.
  ///
  /// - Parameter activation: what turns outputs into probabilities; nil if they are not changed.
  private func writePredictions(
    _ images: Int, _ activation: Activation?, into predictions: UnsafeMutablePointer<ImagePrediction>
  ) {
    let (outputs, targets, classes) = (
      value(graph.output), memory.start + layout.targets, graph.plan.outputCount
    )
    for image in 0..<images {
      let (row, target) = (outputs + image * classes, targets + image * classes)
      // Compare logits: different logits can round to the same probability.
      let predicted = Int(ckernels_first_largest(row, Int64(classes)))
      activation?.apply(rows: 1, columns: classes, row, into: row)
      predictions[image] = ImagePrediction(
        label: Int(ckernels_first_largest(target, Int64(classes))), predicted: predicted,
        probability: row[predicted])
    }
  }

  // MARK: - Forward and backward

  /// Returns the score of a range of a batch and computes the gradient of the parameters.
  ///
  /// - Parameters:
  ///   - randomKey: the random key of the batch.
  ///   - gradients: the gradient of all trainable parameters; overwritten, or added to if `accumulates` is
  ///     true.
  func differentiate<Data: TrainingData>(
    _ batch: Batch<Data>, _ range: Range<Int>, _ parameters: ParameterMemory, _ objective: Objective,
    randomKey: RandomKey, gradients: UnsafeMutablePointer<Float>, accumulates: Bool,
    _ observer: (any ExecutionObserver)?
  ) -> PartScore {
    let score = forwardScore(
      batch, range, parameters, objective, scale: 1 / Float(batch.count), randomKey: randomKey, observer)
    guard score.invalid == nil else { return score }
    for index in ops.indices.reversed() where graph.needsGradient[graph.ops[index].output] {
      observer.observing(.backward(op: index), range) {
        let output = graph.ops[index].output
        ops[index].backward(
          BackwardRun(
            images: range.count, inputs: inputs[index], output: value(output),
            outputGradient: memory.start + layout.gradients[output], inputGradients: inputGradients[index],
            parameters: parameters.start, gradients: gradients, accumulates: accumulates,
            saved: saved + layout.savedStarts[index], context: context))
        addGradients(of: index, images: range.count)
      }
    }
    return score
  }

  /// Adds the input gradients of an op to those of other readers of the same values.
  private func addGradients(of index: Int, images: Int) {
    for (input, target) in layout.gradientTargets[index].enumerated() {
      guard case .added(let offset) = target else { continue }
      let value = graph.ops[index].inputs[input]
      let (count, part, sum) = (
        graph.valueCounts[value], memory.start + offset, memory.start + layout.gradients[value]
      )
      context.forEachPart(of: images, weight: count) { _, images in
        let start = images.lowerBound * count
        ckernels_accumulate(Int64(images.count * count), part + start, sum + start)
      }
    }
  }
}
