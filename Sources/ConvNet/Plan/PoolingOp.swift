import CKernels
import Im2col

/// Pooling that is not fused: average pooling, or max pooling that does not follow a convolution.
package struct PoolingDescriptor: OpDescriptor {
  let mode: PoolingMode
  /// The geometry for one image.
  let geometry: PoolingGeometry

  package var outputCount: Int { geometry.outputPerImage }

  package func makeOp(_ settings: OpSettings) -> any Op {
    PoolingOp(mode: mode, geometry: geometry, settings)
  }
}

/// For training, max pooling saves the index of each maximum, one byte each. If a window has too many taps
/// for a byte, backward finds the maxima again in the input.
final class PoolingOp: Op {
  let mode: PoolingMode
  let geometry: PoolingGeometry

  private var inputCount: Int { geometry.inputPerImage }
  private var outputCount: Int { geometry.outputPerImage }
  let savedBytes: Int
  var backwardReadsInputs: Bool { mode == .max && savedBytes == 0 }
  var backwardReadsOutput: Bool { false }

  init(mode: PoolingMode, geometry: PoolingGeometry, _ settings: OpSettings) {
    (self.mode, self.geometry) = (mode, geometry)
    let keeps =
      mode == .max && settings.trains && settings.needsInputGradient
      && geometry.window.taps <= ConvolutionOp.maxTaps
    savedBytes = keeps ? geometry.outputPerImage : 0
  }

  func forward(_ run: ForwardRun) {
    run.context.forEachPart(of: run.images, weight: inputCount) { _, images in
      let (input, output) = (images.lowerBound * inputCount, images.lowerBound * outputCount)
      if savedBytes > 0, let saved = run.saved {
        var pooling = geometry.kernelPooling(images: images.count)
        ckernels_pool_product(&pooling, run.input + input, run.output + output, saved + output)
      } else {
        mode.pool(geometry, images: images.count, run.input + input, into: run.output + output)
      }
    }
  }

  func backward(_ run: BackwardRun) {
    guard let inputGradient = run.inputGradient else { return }
    run.context.forEachPart(of: run.images, weight: inputCount) { _, images in
      let (input, output) = (images.lowerBound * inputCount, images.lowerBound * outputCount)
      if savedBytes > 0 {
        var pooling = geometry.kernelPooling(images: images.count)
        ckernels_unpool_product(
          &pooling, run.outputGradient + output, run.saved + output, inputGradient + input)
      } else {
        mode.gradient(
          geometry, images: images.count, ties: .first, input: run.input + input,
          outputGradient: run.outputGradient + output, into: inputGradient + input)
      }
    }
  }
}
