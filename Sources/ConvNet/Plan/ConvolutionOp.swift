import CKernels
import Im2col

/// Convolution, bias and activation, optionally fused with the max pooling that follows.
///
///     forward    input --pass--> sums --max pooling--> maxima, places --bias, activation--> output
///     backward   output gradient --f'--> (summed: bias gradient) --unpooling--> gradient of the sums
///                gradient of the sums --passes--> kernel gradient, input gradient
///
/// Only the place of each maximum is saved for backward, one byte each; backward gathers the patches again.
/// Unpooling is skipped if both gradient passes read the pooled gradient.
final class ConvolutionOp: Op {
  /// The index of a tap fits into one byte. Larger windows are pooled in a separate op.
  static let maxTaps = 256

  let descriptor: ConvolutionDescriptor
  let passes: ConvolutionPasses

  let inputCount: Int
  let outputCount: Int
  let savedBytes: Int
  let sharedScratchFloats: Int
  let workerScratchFloats: Int
  var backwardReadsOutput: Bool { descriptor.activation != .identity }

  /// The kernel and the bias with the normalization folded in.
  var preparedFloats: Int {
    descriptor.normalization == nil ? 0 : descriptor.geometry.kernelCount + descriptor.geometry.outputChannels
  }
  var lowering: Lowering? { passes.lowering(of: .forward) }

  /// The number of scalars in the sums of one image.
  private let sumCount: Int
  /// Scalars for the unpooled gradient of a block of images.
  private let unpooledFloats: Int

  init(_ descriptor: ConvolutionDescriptor, _ settings: OpSettings) {
    self.descriptor = descriptor
    let geometry = descriptor.geometry
    passes = ConvolutionPasses(
      geometry, settings, pooling: descriptor.pooling?.window,
      [.forward] + (settings.trains && !settings.isFrozen ? [.kernelGradient] : [])
        + (settings.trains && settings.needsInputGradient ? [.inputGradient] : []))
    (inputCount, outputCount, sumCount) = (
      geometry.inputCount, descriptor.outputCount, geometry.outputCount
    )
    savedBytes = descriptor.pooling == nil ? 0 : outputCount
    unpooledFloats =
      descriptor.pooling != nil && settings.trains
      ? CacheLine.rounded(passes.imagesPerBlock * sumCount) : 0
    sharedScratchFloats = max(
      passes.sharedFloats(of: [.forward]),
      unpooledFloats + passes.sharedFloats(of: [.kernelGradient, .inputGradient]),
      ExecutionContext.maxParts * geometry.outputChannels)
    workerScratchFloats = passes.workerScratchFloats
  }

  func prepare(_ parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {
    descriptor.normalization?.fold(
      parameters, kernel: parameters + descriptor.kernelStart,
      bias: descriptor.biasStart.map { parameters + $0 },
      patchLength: descriptor.geometry.kernelCount / descriptor.geometry.outputChannels, into: prepared)
  }

  func forward(_ run: ForwardRun) {
    let isFolded = descriptor.normalization != nil
    let kernel = isFolded ? run.prepared : run.parameters + descriptor.kernelStart
    let bias =
      isFolded
      ? run.prepared + descriptor.geometry.kernelCount : descriptor.biasStart.map { run.parameters + $0 }
    passes.forEachImageBlock(of: run.images) { images, passes in
      let first = images.lowerBound * outputCount
      run.context.run(
        passes[.forward],
        .forward(
          input: run.input + images.lowerBound * inputCount, kernel: kernel, output: run.output + first,
          shared: run.context.sharedScratch,
          epilogue: Epilogue(
            bias: bias, activation: descriptor.activation,
            places: descriptor.pooling == nil ? nil : run.saved.map { $0 + first })))
    }
  }

  func backward(_ run: BackwardRun) {
    let channels = descriptor.geometry.outputChannels
    run.applyActivationGradient(
      descriptor.activation, channels: channels, pixels: outputCount / channels,
      biasStart: passes.plans(.kernelGradient) ? descriptor.biasStart : nil)
    passes.forEachImageBlock(of: run.images) { images, passes in
      let outputGradient = gradient(ofSums: images, passes, run)
      let shared = run.context.sharedScratch + unpooledFloats
      func apply(_ pass: LoweredPass, _ operands: PassOperands) {
        let first = images.lowerBound * outputCount
        run.context.run(
          pass,
          pass.readsDenseRows
            ? operands
            : operands.reading(pooledGradient: run.outputGradient + first, places: run.saved + first))
      }
      if let pass = passes.find(.kernelGradient) {
        apply(
          pass,
          .kernelGradient(
            input: run.input + images.lowerBound * inputCount, outputGradient: outputGradient,
            kernelGradient: run.gradients + descriptor.kernelStart, shared: shared,
            accumulates: run.accumulates || images.lowerBound > 0))
      }
      if let pass = passes.find(.inputGradient), let inputGradient = run.inputGradient {
        apply(
          pass,
          .inputGradient(
            outputGradient: outputGradient, kernel: run.parameters + descriptor.kernelStart,
            inputGradient: inputGradient + images.lowerBound * inputCount, shared: shared))
      }
    }
  }

  /// Returns the gradient of the sums of some images, `[images, height, width, channels]`: the output
  /// gradient, unpooled if there is a pooling and a pass reads dense rows.
  private func gradient(
    ofSums images: Range<Int>, _ passes: ConvolutionPasses.Directions, _ run: BackwardRun
  ) -> UnsafePointer<Float> {
    let first = images.lowerBound * outputCount
    guard let pooling = descriptor.pooling else { return UnsafePointer(run.outputGradient + first) }
    let sums = run.context.sharedScratch
    guard [.kernelGradient, .inputGradient].contains(where: { passes.find($0)?.readsDenseRows ?? false })
    else { return UnsafePointer(sums) }
    run.context.forEachPart(of: images.count, weight: sumCount) { _, part in
      var pooling = pooling.kernelPooling(images: part.count)
      let start = first + part.lowerBound * outputCount
      ckernels_unpool_product(
        &pooling, run.outputGradient + start, run.saved + start, sums + part.lowerBound * sumCount)
    }
    return UnsafePointer(sums)
  }
}
