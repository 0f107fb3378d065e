import Im2col

/// Convolution, bias and activation.
final class ConvolutionOp: Op {
  let descriptor: ConvolutionDescriptor
  let passes: ConvolutionPasses

  let inputCount: Int
  let outputCount: Int
  let savedBytes = 0
  let sharedScratchFloats: Int
  let workerScratchFloats: Int
  let preparedFloats = 0
  var lowering: LoweringName? { passes.lowering }

  init(_ descriptor: ConvolutionDescriptor, _ settings: OpSettings) {
    self.descriptor = descriptor
    passes = ConvolutionPasses(descriptor.geometry, settings, layout: .pixelsByChannels)
    inputCount = descriptor.geometry.inputCount
    outputCount = descriptor.geometry.outputCount
    sharedScratchFloats = max(
      passes.sharedScratchFloats, ExecutionContext.maxParts * descriptor.geometry.outputChannels)
    workerScratchFloats = passes.workerScratchFloats
  }

  func forward(_ run: ForwardRun) {
    passes.forEachImageBlock(of: run.images) { images, passes in
      run.context.run(
        passes.forward,
        .forward(
          input: run.input + images.lowerBound * inputCount, kernel: run.parameters + descriptor.kernelStart,
          output: run.output + images.lowerBound * outputCount, shared: run.context.sharedScratch,
          bias: run.parameters + descriptor.biasStart, activation: descriptor.activation))
    }
  }

  func backward(_ run: BackwardRun) {
    let geometry = descriptor.geometry
    run.applyActivationGradient(
      descriptor.activation, channels: geometry.outputChannels, pixels: geometry.pixelsPerImage,
      biasStart: descriptor.biasStart)
    passes.forEachImageBlock(of: run.images) { images, passes in
      let outputGradient = UnsafePointer(run.outputGradient + images.lowerBound * outputCount)
      if let pass = passes.kernelGradient {
        run.context.run(
          pass,
          .kernelGradient(
            input: run.input + images.lowerBound * inputCount, outputGradient: outputGradient,
            kernelGradient: run.gradients + descriptor.kernelStart, shared: run.context.sharedScratch,
            accumulates: run.accumulates || images.lowerBound > 0))
      }
      if let pass = passes.inputGradient, let inputGradient = run.inputGradient {
        run.context.run(
          pass,
          .inputGradient(
            outputGradient: outputGradient, kernel: run.parameters + descriptor.kernelStart,
            inputGradient: inputGradient + images.lowerBound * inputCount, shared: run.context.sharedScratch))
      }
    }
  }
}
