import CKernels
import Im2col

/// Convolution, bias, activation and a maximum over windows in one.
///
///     forward    input --pass--> raw product --maxima, places--> output --bias, activation--> output
///     backward   output gradient --f'--> (summed: bias gradient) --to the places--> raw gradient
///                raw gradient --passes--> kernel gradient, input gradient
///
/// The raw product of a group of images lives in scratch and is gone when the next group comes; what is kept
/// is the place of every maximum, a byte each. The columns are gathered again on the way back.
final class PooledConvolutionOp: Op {
  /// Windows with more taps than a byte can name are pooled in a op of their own.
  static let maxTaps = 256

  let descriptor: ConvolutionDescriptor
  let pooling: PoolingGeometry
  let passes: ConvolutionPasses
  /// Scalars of one image's raw product.
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
    // The raw product, then what the passes share.
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
        PassOperands(
          left: run.input + images.lowerBound * inputCount, right: run.parameters + descriptor.kernelStart,
          result: raw, shared: shared))
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
          PassOperands(
            left: run.input + images.lowerBound * inputCount, right: raw,
            result: run.gradients + descriptor.kernelStart, shared: shared,
            accumulates: run.accumulates || images.lowerBound > 0))
      }
      if let pass = passes.inputGradient, let inputGradient = run.inputGradient {
        run.context.run(
          pass,
          PassOperands(
            left: raw, right: run.parameters + descriptor.kernelStart,
            result: inputGradient + images.lowerBound * inputCount, shared: shared))
      }
    }
  }

  /// Parts of a group's images; just one where images do not lie one behind the other.
  private func forEachPart(of images: Int, _ context: ExecutionContext, _ body: (Range<Int>) -> Void) {
    if passes.layout == .channelsByPixels {
      body(0..<images)
    } else {
      context.forEachPart(of: images, weight: rawCount) { _, range in body(range) }
    }
  }
}
