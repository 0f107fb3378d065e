import ConvNet
import Im2col

/// The reference of a layer that ends in an activation.
package protocol ReferenceActivatedLayer: ReferenceLayer {
  /// The activation.
  var activation: Activation { get }
  /// Returns the values that the activation is applied to.
  func sums(_ run: ReferenceRun) throws(ShapeError) -> DoubleTensor
  /// Returns the gradients for the gradient of these values.
  func gradients(ofSums gradient: DoubleTensor, _ run: ReferenceRun) throws(ShapeError) -> ReferenceGradients
}

extension ReferenceActivatedLayer {
  package var endsInSoftmax: Bool { activation == .softmax }

  package func forward(_ run: ReferenceRun) throws(ShapeError) -> DoubleTensor {
    LoopNestActivations.forward(activation, try sums(run))
  }

  package func gradients(
    of outputGradient: DoubleTensor, output: DoubleTensor, _ run: ReferenceRun
  ) throws(ShapeError) -> ReferenceGradients {
    try gradients(
      ofSums: LoopNestActivations.gradient(activation, of: outputGradient, output: output), run)
  }

  package func kinkDistance(_ run: ReferenceRun) throws(ShapeError) -> Double {
    let kinks = LoopNestActivations.kinks(activation)
    guard !kinks.isEmpty else { return .infinity }
    let sums = try sums(run).scalars
    let largest = sums.map(abs).max() ?? 0
    // A value at the kink is there in the engine too: a masked or padded pixel, or a sum of such pixels.
    let distances = kinks.flatMap { kink in sums.map { abs($0 - kink) }.filter { $0 > 0 } }
    return (distances.min() ?? .infinity) / largest
  }
}

extension ActivationLayer: ReferenceActivatedLayer {
  package func sums(_ run: ReferenceRun) -> DoubleTensor { run.input }

  package func gradients(ofSums gradient: DoubleTensor, _ run: ReferenceRun) -> ReferenceGradients {
    ReferenceGradients(inputs: [gradient])
  }
}
