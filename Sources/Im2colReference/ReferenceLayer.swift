import ConvNet
import Im2col

/// The slow, obvious computation of a layer in Double, which ``ReferenceModel`` compares the ops with.
///
/// Tensors have a batch axis: `[batch, ...]` with the shapes of the layer's plan.
package protocol ReferenceLayer {
  /// Returns the output.
  func forward(_ run: ReferenceRun) throws(ShapeError) -> DoubleTensor

  /// Returns the gradients of the inputs and of the trainable parameters, for a run in training.
  ///
  /// - Parameter output: the result of `forward`.
  func gradients(
    of outputGradient: DoubleTensor, output: DoubleTensor, _ run: ReferenceRun
  ) throws(ShapeError) -> ReferenceGradients

  /// Returns the state arrays after a run in training.
  func updatedState(_ run: ReferenceRun) -> [DoubleTensor]

  /// Returns the distance to the nearest point where the gradient jumps, relative to the largest magnitude of
  /// the values that are compared there; infinity for a smooth layer.
  func kinkDistance(_ run: ReferenceRun) throws(ShapeError) -> Double
}

extension ReferenceLayer {
  package func updatedState(_ run: ReferenceRun) -> [DoubleTensor] { [] }
  package func kinkDistance(_ run: ReferenceRun) throws(ShapeError) -> Double { .infinity }
}

/// The operands of a layer.
package struct ReferenceRun {
  /// The inputs, each `[batch, ...]`.
  package let inputs: [DoubleTensor]
  /// The parameter arrays in the order of the layer's plan.
  package let parameters: [DoubleTensor]
  /// The index of the layer in the graph.
  package let node: Int
  /// The training step; nil for inference.
  package let training: ReferenceTraining?

  /// The first input.
  package var input: DoubleTensor { inputs[0] }
}

/// What the random numbers of a training step depend on.
package struct ReferenceTraining: Sendable {
  /// The seed of the model.
  package let seed: UInt64
  /// The number of the update, from 1.
  package let update: Int
}

/// The gradients of a layer.
package struct ReferenceGradients {
  /// The gradient of every input, `[batch, ...]`.
  package let inputs: [DoubleTensor]
  /// The gradient of every trainable parameter array, in the order of the layer's plan.
  package let parameters: [DoubleTensor]

  package init(inputs: [DoubleTensor], parameters: [DoubleTensor] = []) {
    (self.inputs, self.parameters) = (inputs, parameters)
  }
}
