import CKernels
import Im2col

/// Pooling by itself: of means, of a model's input, or behind anything that is not a convolution.
package struct PoolingBlueprint: StepBlueprint {
  let mode: PoolingMode
  /// For one image.
  let geometry: PoolingGeometry

  package var outputCount: Int { geometry.outputPerImage }

  package func step(_ settings: StepSettings) -> any Step {
    PoolingStep(mode: mode, geometry: geometry, settings)
  }
}

/// Where it trains on maxima it keeps the place of each, a byte, unless a window has more taps than a byte can
/// name: then they are looked up again in the input, which is still there.
final class PoolingStep: Step {
  let mode: PoolingMode
  let geometry: PoolingGeometry

  var inputCount: Int { geometry.inputPerImage }
  var outputCount: Int { geometry.outputPerImage }
  let keptBytes: Int
  let sharedFloats = 0
  let workerFloats = 0
  let preparedFloats = 0
  let lowering: LoweringName? = nil

  init(mode: PoolingMode, geometry: PoolingGeometry, _ settings: StepSettings) {
    (self.mode, self.geometry) = (mode, geometry)
    let keeps =
      mode == .max && settings.trains && settings.needsInputGradient
      && geometry.window.taps <= PooledConvolutionStep.mostTaps
    keptBytes = keeps ? geometry.outputPerImage : 0
  }

  func forward(_ run: ForwardRun) {
    run.hands.forEachPart(of: run.images, weight: inputCount) { _, images in
      let (input, output) = (images.lowerBound * inputCount, images.lowerBound * outputCount)
      if keptBytes > 0, let kept = run.kept {
        var pooling = geometry.kernelPooling(images: images.count)
        ckernels_pool_product(&pooling, 0, run.input + input, run.output + output, kept + output)
      } else {
        mode.pool(geometry, images: images.count, run.input + input, into: run.output + output)
      }
    }
  }

  func backward(_ run: BackwardRun) {
    guard let inputGradient = run.inputGradient else { return }
    run.hands.forEachPart(of: run.images, weight: inputCount) { _, images in
      let (input, output) = (images.lowerBound * inputCount, images.lowerBound * outputCount)
      if keptBytes > 0 {
        var pooling = geometry.kernelPooling(images: images.count)
        ckernels_unpool_product(
          &pooling, 0, run.outputGradient + output, run.kept + output, inputGradient + input)
      } else {
        mode.gradient(
          geometry, images: images.count, ties: .first, input: run.input + input,
          outputGradient: run.outputGradient + output, into: inputGradient + input)
      }
    }
  }
}
