import CKernels
import Im2col

/// Batch normalization, optionally fused with the sum and the activation that follow.
///
///     input --normalize--> (+ residual) --activation--> output
package struct BatchNormalizationDescriptor: ActivatedDescriptor {
  let normalization: Normalization
  let momentum: Double
  /// The number of pixels in one image.
  let pixels: Int
  var hasResidual = false
  package var activation = Activation.identity

  package var outputCount: Int { pixels * normalization.channels }
  package var needsWholeBatch: Bool { true }

  package var trainableRanges: [Range<Int>] {
    [normalization.gamma, normalization.beta].map { $0..<$0 + normalization.channels }
  }

  package func fused(
    with next: any OpDescriptor, atInput input: Int, _ purpose: OpPurpose
  ) -> (any OpDescriptor)? {
    guard let next = next as? AddDescriptor else { return activated(by: next, purpose) }
    guard next.inputs == 2, !hasResidual, activation == .identity, next.activation == .identity else {
      return nil
    }
    var fused = self
    fused.hasResidual = true
    return fused
  }

  package func makeOp(_ settings: OpSettings) -> any Op {
    settings.trains && !settings.isFrozen
      ? BatchNormalizationOp(self) : RunningNormalizationOp(descriptor: self)
  }
}

/// Normalizes by the running statistics, for inference and where the layer is frozen.
struct RunningNormalizationOp: Op {
  let descriptor: BatchNormalizationDescriptor

  var backwardReadsInputs: Bool { false }
  var backwardReadsOutput: Bool { descriptor.activation != .identity }
  var inputSharingGradient: Int? { descriptor.hasResidual ? 1 : 0 }
  var sharedScratchFloats: Int { 2 * descriptor.normalization.channels }
  var preparedFloats: Int { 2 * descriptor.normalization.channels }

  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {
    let channels = descriptor.normalization.channels
    descriptor.normalization.write(parameters, scale: prepared, shift: prepared + channels)
  }

  func forward(_ run: ForwardRun) {
    descriptor.normalize(run, scale: run.prepared, shift: run.prepared + descriptor.normalization.channels)
  }

  /// The input gradient is the output gradient times the scale: the statistics are constants.
  func backward(_ run: BackwardRun) {
    let channels = descriptor.normalization.channels
    let scale = run.context.sharedScratch
    descriptor.normalization.write(run.parameters, scale: scale, shift: scale + channels)
    (scale + channels).update(repeating: 0, count: channels)
    run.context.forEachPart(of: run.images * descriptor.pixels, weight: channels) { _, rows in
      let (start, count) = (rows.lowerBound * channels, rows.count * channels)
      let gradient = run.outputGradient + start
      descriptor.activation.gradient(
        rows: count, columns: 1, values: run.output + start, outputGradient: gradient, into: gradient)
      if descriptor.hasResidual, let residual = run.inputGradients[1], residual != run.outputGradient {
        (residual + start).update(from: gradient, count: count)
      }
      guard let inputGradient = run.inputGradient else { return }
      ckernels_batch_normalize(
        Int64(rows.count), Int64(channels), gradient, scale, scale + channels, nil,
        Activation.identity.kernelFunction, inputGradient + start)
    }
  }
}

extension BatchNormalizationDescriptor {
  /// Writes `f(scale * x + shift + residual)`.
  fileprivate func normalize(_ run: ForwardRun, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>) {
    let channels = normalization.channels
    run.context.forEachPart(of: run.images * pixels, weight: channels) { _, rows in
      let start = rows.lowerBound * channels
      ckernels_batch_normalize(
        Int64(rows.count), Int64(channels), run.input + start, scale, shift,
        hasResidual ? run.inputs[1] + start : nil, activation.kernelFunction, run.output + start)
    }
  }
}

/// Normalizes by the statistics of the batch, and updates the running ones.
///
///     forward     sums of x and x*x, by parts of rows -> mean, variance -> output
///     backward    g *= f'; sums of g and g*(x - mean), by parts -> gradients of gamma and beta -> input gradient
///
/// Saves the mean and `1 / sqrt(variance + epsilon)` of every channel. The gradient of the residual is `g`.
struct BatchNormalizationOp: Op {
  let descriptor: BatchNormalizationDescriptor

  private var channels: Int { descriptor.normalization.channels }

  init(_ descriptor: BatchNormalizationDescriptor) { self.descriptor = descriptor }

  /// Mean and inverse standard deviation, `[channels]` doubles each.
  var savedBytesPerRun: Int { 2 * channels * MemoryLayout<Double>.stride }
  var backwardReadsOutput: Bool { descriptor.activation != .identity }
  /// The loops can write the input gradient over the output gradient, which is the gradient of a residual.
  var inputSharingGradient: Int? { descriptor.hasResidual ? 1 : 0 }

  /// Sums of every part, then two or three coefficients of every channel.
  var sharedScratchFloats: Int { sumDoubles * 2 + 3 * channels }
  private var sumDoubles: Int { ExecutionContext.maxParts * 4 * channels }

  func forward(_ run: ForwardRun) {
    let scratch = Scratch(run.context.sharedScratch, channels: channels, doubles: sumDoubles)
    sum(run.images, run.context, scratch) { rows, sums in
      ckernels_batch_sums(
        Int64(rows.count), Int64(channels), run.input + rows.lowerBound * channels, sums, 0)
    }
    let count = Double(run.images * descriptor.pixels)
    let saved = run.saved.map { Statistics($0, channels: channels) }
    let (scale, shift) = (scratch.coefficients, scratch.coefficients + channels)
    let normalization = descriptor.normalization
    for channel in 0..<channels {
      let mean = scratch.first(channel) / count
      let variance = max(scratch.second(channel) / count - mean * mean, 0)  // This order keeps NaN.
      let inverse = 1 / (variance + normalization.epsilon).squareRoot()
      let factor = Double(run.parameters[normalization.gamma + channel]) * inverse
      scale[channel] = Float(factor)
      shift[channel] = Float(Double(run.parameters[normalization.beta + channel]) - mean * factor)
      saved?.mean[channel] = mean
      saved?.inverse[channel] = inverse
      guard let state = run.state else { continue }
      func move(_ offset: Int, towards value: Double) {
        let old = Double(state[offset + channel])
        state[offset + channel] = Float(descriptor.momentum * old + (1 - descriptor.momentum) * value)
      }
      move(normalization.mean, towards: mean)
      move(normalization.variance, towards: variance * (count > 1 ? count / (count - 1) : 1))
    }
    descriptor.normalize(run, scale: scale, shift: shift)
  }

  func backward(_ run: BackwardRun) {
    let scratch = Scratch(run.context.sharedScratch, channels: channels, doubles: sumDoubles)
    let saved = Statistics(UnsafeMutablePointer(mutating: run.saved), channels: channels)
    sum(run.images, run.context, scratch) { rows, sums in
      let start = rows.lowerBound * channels
      ckernels_batch_gradient_sums(
        Int64(rows.count), Int64(channels), run.input + start,
        backwardReadsOutput ? run.output + start : nil, saved.mean, descriptor.activation.kernelFunction,
        run.outputGradient + start, sums, 0)
    }
    let count = Double(run.images * descriptor.pixels)
    let normalization = descriptor.normalization
    let (a, b, k) = (
      scratch.coefficients, scratch.coefficients + channels, scratch.coefficients + 2 * channels
    )
    for channel in 0..<channels {
      let (sum, product) = (scratch.first(channel), scratch.second(channel))
      let (mean, inverse) = (saved.mean[channel], saved.inverse[channel])
      let gradients = [(normalization.gamma, product * inverse), (normalization.beta, sum)]
      for (offset, gradient) in gradients {
        let old = run.accumulates ? run.gradients[offset + channel] : 0
        run.gradients[offset + channel] = old + Float(gradient)
      }
      let factor = Double(run.parameters[normalization.gamma + channel]) * inverse
      let slope = -factor * inverse * inverse * product / count
      a[channel] = Float(factor)
      b[channel] = Float(slope)
      k[channel] = Float(-factor * sum / count - slope * mean)
    }
    run.context.forEachPart(of: run.images * descriptor.pixels, weight: channels) { _, rows in
      let start = rows.lowerBound * channels
      let gradient = run.outputGradient + start
      if descriptor.hasResidual, let residual = run.inputGradients[1], residual != run.outputGradient {
        (residual + start).update(from: gradient, count: rows.count * channels)
      }
      if let inputGradient = run.inputGradient {
        ckernels_batch_input_gradient(
          Int64(rows.count), Int64(channels), run.input + start, gradient, a, b, k, inputGradient + start, 0)
      }
    }
  }

  /// Adds the sums of parts of the rows in order.
  private func sum(
    _ images: Int, _ context: ExecutionContext, _ scratch: Scratch,
    _ body: (_ rows: Range<Int>, _ sums: UnsafeMutablePointer<Double>) -> Void
  ) {
    let rows = images * descriptor.pixels
    let parts = ExecutionContext.parts(of: rows, weight: context.workers == nil ? 0 : channels)
    context.forEachPart(of: rows, weight: channels) { part, rows in body(rows, scratch.sums(ofPart: part)) }
    for part in 1..<max(parts, 1) {
      ckernels_add_batch_sums(Int64(channels), scratch.sums(ofPart: part), scratch.sums(ofPart: 0))
    }
  }

  /// The scratch that the parts share.
  private struct Scratch {
    private let doubles: UnsafeMutablePointer<Double>
    private let channels: Int
    let coefficients: UnsafeMutablePointer<Float>

    init(_ start: UnsafeMutablePointer<Float>, channels: Int, doubles count: Int) {
      doubles = UnsafeMutableRawPointer(start).assumingMemoryBound(to: Double.self)
      coefficients = start + 2 * count
      self.channels = channels
    }

    func sums(ofPart part: Int) -> UnsafeMutablePointer<Double> { doubles + part * 4 * channels }

    /// The two quantities of a channel, with what their additions lost.
    func first(_ channel: Int) -> Double { doubles[channel] + doubles[2 * channels + channel] }
    func second(_ channel: Int) -> Double { doubles[channels + channel] + doubles[3 * channels + channel] }
  }

  /// The saved statistics.
  private struct Statistics {
    let mean, inverse: UnsafeMutablePointer<Double>

    init(_ start: UnsafeMutablePointer<UInt8>, channels: Int) {
      mean = UnsafeMutableRawPointer(start).assumingMemoryBound(to: Double.self)
      inverse = mean + channels
    }
  }
}
