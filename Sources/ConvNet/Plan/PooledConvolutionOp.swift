import CKernels
import Im2col

/// Convolution, bias, activation and max pooling, fused.
///
///     forward    input --pass--> product --max pooling--> output, indices --bias, activation--> output
///     backward   output gradient --f'--> (summed: bias gradient) --unpooling--> product gradient
///                product gradient --passes--> kernel gradient, input gradient
///
/// The product of a block of images is scratch, overwritten by the next block. Only the index of each maximum
/// is saved for backward, one byte each; backward gathers the patches again.
final class PooledConvolutionOp: Op {
  /// The index of a tap fits into one byte. Larger windows are pooled in a separate op.
  static let maxTaps = 256

  let descriptor: ConvolutionDescriptor
  let pooling: PoolingGeometry
  let passes: ConvolutionPasses
  /// The number of scalars in the product of one image.
  let productCount: Int

  let inputCount: Int
  let outputCount: Int
  var savedBytes: Int { outputCount }
  let sharedScratchFloats: Int
  let workerScratchFloats: Int
  let preparedFloats = 0
  var lowering: LoweringName? { passes.lowering }

  init(_ descriptor: ConvolutionDescriptor, _ pooling: PoolingGeometry, _ settings: OpSettings) {
    (self.descriptor, self.pooling) = (descriptor, pooling)
    passes = ConvolutionPasses(
      descriptor.geometry, settings, layout: ConvolutionPlan.preferredLayout(descriptor.geometry))
    inputCount = descriptor.geometry.inputCount
    productCount = descriptor.geometry.outputCount
    outputCount = pooling.outputPerImage
    // The product of a block, then the shared scratch of the passes.
    sharedScratchFloats = max(
      passes.imagesPerBlock * productCount + passes.sharedScratchFloats,
      ExecutionContext.maxParts * descriptor.geometry.outputChannels
    )
    workerScratchFloats = passes.workerScratchFloats
  }

  private var channelsFirst: Int32 { passes.layout == .channelsByPixels ? 1 : 0 }

  func forward(_ run: ForwardRun) {
    let (product, shared) = (
      run.context.sharedScratch, run.context.sharedScratch + passes.imagesPerBlock * productCount
    )
    let channels = pooling.channels
    passes.forEachImageBlock(of: run.images) { images, passes in
      run.context.run(
        passes.forward,
        .forward(
          input: run.input + images.lowerBound * inputCount, kernel: run.parameters + descriptor.kernelStart,
          output: product, shared: shared))
      forEachPart(of: images.count, run.context) { part in
        let first = (images.lowerBound + part.lowerBound) * outputCount
        var pooling = pooling.kernelPooling(images: part.count)
        ckernels_pool_product(
          &pooling, channelsFirst, product + part.lowerBound * productCount, run.output + first,
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
    let (product, shared) = (
      run.context.sharedScratch, run.context.sharedScratch + passes.imagesPerBlock * productCount
    )
    passes.forEachImageBlock(of: run.images) { images, passes in
      forEachPart(of: images.count, run.context) { part in
        let first = (images.lowerBound + part.lowerBound) * outputCount
        var pooling = pooling.kernelPooling(images: part.count)
        ckernels_unpool_product(
          &pooling, channelsFirst, run.outputGradient + first, run.saved + first,
          product + part.lowerBound * productCount)
      }
      if let pass = passes.kernelGradient {
        run.context.run(
          pass,
          .kernelGradient(
            input: run.input + images.lowerBound * inputCount, outputGradient: product,
            kernelGradient: run.gradients + descriptor.kernelStart, shared: shared,
            accumulates: run.accumulates || images.lowerBound > 0))
      }
      if let pass = passes.inputGradient, let inputGradient = run.inputGradient {
        run.context.run(
          pass,
          .inputGradient(
            outputGradient: product, kernel: run.parameters + descriptor.kernelStart,
            inputGradient: inputGradient + images.lowerBound * inputCount, shared: shared))
      }
    }
  }

  /// Divides the images of a block into parts; one part if the layout interleaves images.
  private func forEachPart(of images: Int, _ context: ExecutionContext, _ body: (Range<Int>) -> Void) {
    if passes.layout == .channelsByPixels {
      body(0..<images)
    } else {
      context.forEachPart(of: images, weight: productCount) { _, range in body(range) }
    }
  }
}
