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
  package func forward(_ run: ReferenceRun) throws(ShapeError) -> DoubleTensor {
    LoopNestActivations.forward(activation, try sums(run))
  }

  package func gradients(
    of outputGradient: DoubleTensor, output: DoubleTensor, _ run: ReferenceRun
  ) throws(ShapeError) -> ReferenceGradients {
    // Computing the sums again is slow, so only those activations read them that need them.
    let gradient =
      activation.needsInput
      ? LoopNestActivations.gradient(activation, of: outputGradient, input: try sums(run))
      : LoopNestActivations.gradient(activation, of: outputGradient, output: output)
    return try gradients(ofSums: gradient, run)
  }

  package func kinkDistance(_ run: ReferenceRun) throws(ShapeError) -> Double {
    let kinks = LoopNestActivations.kinks(activation)
    return kinks.isEmpty ? .infinity : try sums(run).distance(toAnyOf: kinks)
  }
}

extension DoubleTensor {
  /// Returns the distance of the nearest scalar to one of some points, relative to the largest magnitude.
  ///
  /// A scalar at a point is there in the engine too: a masked or padded pixel, or a sum of such pixels.
  package func distance(toAnyOf points: [Double]) -> Double {
    let distances = points.flatMap { point in scalars.map { abs($0 - point) }.filter { $0 > 0 } }
    return (distances.min() ?? .infinity) / (scalars.map(abs).max() ?? 0)
  }
}

extension ActivationLayer: ReferenceActivatedLayer {
  package func sums(_ run: ReferenceRun) -> DoubleTensor { run.input }

  package func gradients(ofSums gradient: DoubleTensor, _ run: ReferenceRun) -> ReferenceGradients {
    ReferenceGradients(inputs: [gradient])
  }
}

/// The parameter is the slope of every channel.
extension PReLULayer: ReferenceLayer {
  package func forward(_ run: ReferenceRun) -> DoubleTensor {
    let slopes = run.parameters[0].scalars
    var result = run.input
    for (index, x) in run.input.scalars.enumerated() where x < 0 {
      result.scalars[index] = slopes[index % slopes.count] * x
    }
    return result
  }

  package func gradients(
    of outputGradient: DoubleTensor, output: DoubleTensor, _ run: ReferenceRun
  ) -> ReferenceGradients {
    let slopes = run.parameters[0].scalars
    var (input, slope) = (outputGradient, DoubleTensor(zeros: run.parameters[0].shape))
    for (index, x) in run.input.scalars.enumerated() where x <= 0 {
      slope.scalars[index % slopes.count] += outputGradient.scalars[index] * x
      input.scalars[index] *= slopes[index % slopes.count]
    }
    return ReferenceGradients(inputs: [input], parameters: [slope])
  }

  package func kinkDistance(_ run: ReferenceRun) -> Double { run.input.distance(toAnyOf: [0]) }
}
