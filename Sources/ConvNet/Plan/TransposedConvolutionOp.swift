import CKernels
import Im2col

/// A transposed convolution with its bias, optionally fused with the activation that follows.
package struct TransposedConvolutionDescriptor: ActivatedDescriptor {
  /// The geometry of the convolution from the output of this op to its input, for one image.
  let geometry: ConvolutionGeometry
  let kernelStart: Int
  /// nil without a bias.
  let biasStart: Int?
  package var activation = Activation.identity

  /// The number of output channels.
  var channels: Int { geometry.inputChannels }

  package var outputCount: Int { geometry.inputCount }

  package var trainableRanges: [Range<Int>] {
    [kernelStart..<kernelStart + geometry.kernelCount] + (biasStart.map { [$0..<$0 + channels] } ?? [])
  }

  package func makeOp(_ settings: OpSettings) -> any Op { TransposedConvolutionOp(self, settings) }
}

/// The passes of a convolution with their roles exchanged:
///
///     output            the convolution's input gradient, of this op's input as the output gradient
///     input gradient    the convolution's forward pass, of this op's output gradient
///     kernel gradient   the convolution's kernel gradient, of both
struct TransposedConvolutionOp: Op {
  let descriptor: TransposedConvolutionDescriptor
  let passes: ConvolutionPasses
  let sharedScratchFloats: Int
  var workerScratchFloats: Int { passes.workerScratchFloats }
  var lowering: Lowering? { passes.lowering(of: .inputGradient) }
  var backwardReadsOutput: Bool { descriptor.activation != .identity }

  private var inputCount: Int { descriptor.geometry.outputCount }
  private var outputCount: Int { descriptor.geometry.inputCount }

  init(_ descriptor: TransposedConvolutionDescriptor, _ settings: OpSettings) {
    self.descriptor = descriptor
    passes = ConvolutionPasses(
      descriptor.geometry, settings, pooling: nil,
      [.inputGradient] + (settings.trains && !settings.isFrozen ? [.kernelGradient] : [])
        + (settings.trains && settings.needsInputGradient ? [.forward] : []))
    sharedScratchFloats = max(
      passes.sharedFloats(of: [.forward, .inputGradient, .kernelGradient]),
      settings.trains ? ExecutionContext.maxParts * descriptor.channels : 0)
  }

  func forward(_ run: ForwardRun) {
    passes.forEachImageBlock(of: run.images) { images, passes in
      run.context.run(
        passes[.inputGradient],
        .inputGradient(
          outputGradient: run.input + images.lowerBound * inputCount,
          kernel: run.parameters + descriptor.kernelStart,
          inputGradient: run.output + images.lowerBound * outputCount, shared: run.context.sharedScratch))
    }
    let (channels, rows) = (descriptor.channels, run.images * (outputCount / descriptor.channels))
    guard descriptor.biasStart != nil || descriptor.activation != .identity else { return }
    run.context.forEachPart(of: rows, weight: channels) { _, rows in
      ckernels_finish_rows(
        run.output + rows.lowerBound * channels, Int64(rows.count), Int64(channels), Int64(channels),
        descriptor.biasStart.map { run.parameters + $0 }, descriptor.activation.kernelFunction)
    }
  }

  func backward(_ run: BackwardRun) {
    run.applyActivationGradient(
      descriptor.activation, channels: descriptor.channels, pixels: outputCount / descriptor.channels,
      biasStart: passes.plans(.kernelGradient) ? descriptor.biasStart : nil)
    passes.forEachImageBlock(of: run.images) { images, passes in
      let outputGradient = UnsafePointer(run.outputGradient + images.lowerBound * outputCount)
      if let pass = passes.find(.kernelGradient) {
        run.context.run(
          pass,
          .kernelGradient(
            input: outputGradient, outputGradient: run.input + images.lowerBound * inputCount,
            kernelGradient: run.gradients + descriptor.kernelStart, shared: run.context.sharedScratch,
            accumulates: run.accumulates || images.lowerBound > 0))
      }
      guard let inputGradient = run.inputGradient else { return }
      run.context.run(
        passes[.forward],
        .forward(
          input: outputGradient, kernel: run.parameters + descriptor.kernelStart,
          output: inputGradient + images.lowerBound * inputCount, shared: run.context.sharedScratch))
    }
  }
}
