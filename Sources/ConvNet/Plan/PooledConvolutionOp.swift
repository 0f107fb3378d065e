import CKernels
import Im2col

/// Convolution, bias, activation and max pooling, fused.
///
///     forward    input --pass--> product --max pooling--> output, indices --bias, activation--> output
///     backward   output gradient --f'--> (summed: bias gradient) --unpooling--> product gradient
///                product gradient --passes--> kernel gradient, input gradient
///
/// The product of a group of images is scratch, overwritten by the next group. Only the index of each maximum
/// is saved for backward, one byte each; backward gathers the patches again.
final class PooledConvolutionOp: Op {
  /// The index of a tap fits into one byte. Larger windows are pooled in a separate op.
  static let maxTaps = 256

  let descriptor: ConvolutionDescriptor
  let pooling: PoolingGeometry
  let passes: ConvolutionPasses
  /// The number of scalars in the product of one image.
  let rawCount: Int

  let inputCount: Int
  let outputCount: Int
  var savedBytes: Int { outputCount }
  let sharedFloats: Int
  let workerFloats: Int
  let preparedFloats = 0
  var lowering: LoweringName? { passes.lowering }

  init(_ descriptor: ConvolutionDescriptor, _ pooling: PoolingGeometry, _ settings: OpSettings) {
    (self.descriptor, self.pooling) = (descriptor, pooling)
    passes = ConvolutionPasses(
      descriptor.geometry, settings, layout: ConvolutionPlan.preferredLayout(descriptor.geometry))
    inputCount = descriptor.geometry.inputCount
    rawCount = descriptor.geometry.outputCount
    outputCount = pooling.outputPerImage
    // The product of a group, then the shared scratch of the passes.
    sharedFloats = max(
      passes.group * rawCount + passes.sharedFloats,
      ExecutionContext.maxParts * descriptor.geometry.outputChannels
    )
    workerFloats = passes.scratchFloats
  }

  private var channelsFirst: Int32 { passes.layout == .channelsByPixels ? 1 : 0 }

  func forward(_ run: ForwardRun) {
    let (raw, shared) = (run.context.shared, run.context.shared + passes.group * rawCount)
    let channels = pooling.channels
    passes.forEachGroup(of: run.images) { images, passes in
      run.context.run(
        passes.forward,
        .forward(
          input: run.input + images.lowerBound * inputCount, kernel: run.parameters + descriptor.kernelStart,
          output: raw, shared: shared))
      forEachPart(of: images.count, run.context) { part in
        let first = (images.lowerBound + part.lowerBound) * outputCount
        var pooling = pooling.kernelPooling(images: part.count)
        ckernels_pool_product(
          &pooling, channelsFirst, raw + part.lowerBound * rawCount, run.output + first,
          run.saved.map { $0 + first })
        ckernels_finish_rows(
          run.output + first, Int64(part.count * outputCount / channels), Int64(channels), Int64(channels),
          run.parameters + descriptor.biasStart, descriptor.activation.elementFunction)
      }
    }
  }

  func backward(_ run: BackwardRun) {
    run.applyActivationGradient(
      descriptor.activation, channels: pooling.channels, pixels: outputCount / pooling.channels,
      biasStart: descriptor.biasStart)
    let (raw, shared) = (run.context.shared, run.context.shared + passes.group * rawCount)
    passes.forEachGroup(of: run.images) { images, passes in
      forEachPart(of: images.count, run.context) { part in
        let first = (images.lowerBound + part.lowerBound) * outputCount
        var pooling = pooling.kernelPooling(images: part.count)
        ckernels_unpool_product(
          &pooling, channelsFirst, run.outputGradient + first, run.saved + first,
          raw + part.lowerBound * rawCount)
      }
      if let pass = passes.kernelGradient {
        run.context.run(
          pass,
          .kernelGradient(
            input: run.input + images.lowerBound * inputCount, outputGradient: raw,
            kernelGradient: run.gradients + descriptor.kernelStart, shared: shared,
            accumulates: run.accumulates || images.lowerBound > 0))
      }
      if let pass = passes.inputGradient, let inputGradient = run.inputGradient {
        run.context.run(
          pass,
          .inputGradient(
            outputGradient: raw, kernel: run.parameters + descriptor.kernelStart,
            inputGradient: inputGradient + images.lowerBound * inputCount, shared: shared))
      }
    }
  }

  /// Divides the images of a group into parts; one part if the layout interleaves images.
  private func forEachPart(of images: Int, _ context: ExecutionContext, _ body: (Range<Int>) -> Void) {
    if passes.layout == .channelsByPixels {
      body(0..<images)
    } else {
      context.forEachPart(of: images, weight: rawCount) { _, range in body(range) }
    }
  }
}
