import CKernels
import Im2col

/// Pooling by itself: of means, of a model's input, or behind anything that is not a convolution.
package struct PoolingBlueprint: StepBlueprint {
  let mode: PoolingMode
  /// For one image.
  let geometry: PoolingGeometry

  package var outputCount: Int { geometry.outputPerImage }

  package func step(_ settings: StepSettings) -> any Step { PoolingStep(mode: mode, geometry: geometry) }
}

/// Keeps nothing: the maxima are looked up again in the input, which is still there.
final class PoolingStep: Step {
  let mode: PoolingMode
  let geometry: PoolingGeometry

  var inputCount: Int { geometry.inputPerImage }
  var outputCount: Int { geometry.outputPerImage }
  let keptBytes = 0
  let sharedFloats = 0
  let workerFloats = 0
  let preparedFloats = 0
  let lowering: LoweringName? = nil

  init(mode: PoolingMode, geometry: PoolingGeometry) {
    (self.mode, self.geometry) = (mode, geometry)
  }

  func forward(_ run: ForwardRun) {
    run.hands.forEachPart(of: run.images, weight: inputCount) { _, images in
      mode.pool(
        geometry, images: images.count, run.input + images.lowerBound * inputCount,
        into: run.output + images.lowerBound * outputCount)
    }
  }

  func backward(_ run: BackwardRun) {
    guard let inputGradient = run.inputGradient else { return }
    run.hands.forEachPart(of: run.images, weight: inputCount) { _, images in
      mode.gradient(
        geometry, images: images.count, ties: .first, input: run.input + images.lowerBound * inputCount,
        outputGradient: run.outputGradient + images.lowerBound * outputCount,
        into: inputGradient + images.lowerBound * inputCount)
    }
  }
}
