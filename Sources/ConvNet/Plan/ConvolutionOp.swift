import CKernels
import Im2col

/// Convolution, bias, activation; the output is written where the next op reads it.
final class ConvolutionOp: Op {
  let shape: ConvolutionDescriptor
  let passes: ConvolutionPasses

  let inputCount: Int
  let outputCount: Int
  let savedBytes = 0
  let sharedFloats: Int
  let workerFloats: Int
  let preparedFloats = 0
  var lowering: LoweringName? { passes.lowering }

  init(_ shape: ConvolutionDescriptor, _ settings: OpSettings) {
    self.shape = shape
    passes = ConvolutionPasses(shape.geometry, settings, layout: .pixelsByChannels)
    inputCount = shape.geometry.inputCount
    outputCount = shape.geometry.outputCount
    sharedFloats = max(passes.sharedFloats, ExecutionContext.maxParts * shape.geometry.outputChannels)
    workerFloats = passes.scratchFloats
  }

  func forward(_ run: ForwardRun) {
    passes.forEachGroup(of: run.images) { images, passes in
      run.context.run(
        passes.forward,
        .forward(
          input: run.input + images.lowerBound * inputCount, kernel: run.parameters + shape.kernelStart,
          output: run.output + images.lowerBound * outputCount, shared: run.context.shared,
          bias: run.parameters + shape.biasStart, activation: shape.activation))
    }
  }

  func backward(_ run: BackwardRun) {
    let geometry = shape.geometry
    run.applyActivationGradient(
      shape.activation, channels: geometry.outputChannels, pixels: geometry.pixelsPerImage,
      biasStart: shape.biasStart)
    passes.forEachGroup(of: run.images) { images, passes in
      let outputGradient = UnsafePointer(run.outputGradient + images.lowerBound * outputCount)
      if let pass = passes.kernelGradient {
        run.context.run(
          pass,
          .kernelGradient(
            input: run.input + images.lowerBound * inputCount, outputGradient: outputGradient,
            kernelGradient: run.gradients + shape.kernelStart, shared: run.context.shared,
            accumulates: run.accumulates || images.lowerBound > 0))
      }
      if let pass = passes.inputGradient, let inputGradient = run.inputGradient {
        run.context.run(
          pass,
          .inputGradient(
            outputGradient: outputGradient, kernel: run.parameters + shape.kernelStart,
            inputGradient: inputGradient + images.lowerBound * inputCount, shared: run.context.shared))
      }
    }
  }
}
