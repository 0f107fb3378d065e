import ConvNet
import Im2col

/// A graph in Double that keeps every value: the reference for the fused ops, schedules and memory plans of
/// the engine.
///
///     let reference = try ReferenceModel(model)
///     let outputs = try reference.outputs(images)
///     let step = try reference.step(images, targets: targets)      // loss, gradients, running statistics
package struct ReferenceModel: Sendable {
  /// The nodes, and the parameters of each.
  package let plan: NetworkPlan
  /// The parameter arrays in the order of `plan.parameters`: the trainable ones, then the state.
  package var parameters: [DoubleTensor]
  /// The loss of the outputs.
  package let loss: LoopNestLoss
  /// Whether every value and gradient between layers is rounded to Float32, as in the engine. The difference
  /// from the exact results estimates how much rounding a network magnifies.
  package var roundsToFloat = false
  private let seed: UInt64

  /// The results of a training step, before the update.
  package struct Step: Sendable {
    /// The mean loss of the batch.
    package var loss: Double
    /// The gradients of the trainable arrays, in the order of the parameters.
    package var gradients: [DoubleTensor]
    /// The gradient of the images.
    package var inputGradient: DoubleTensor
    /// The state arrays after the step, in the order of the parameters.
    package var state: [DoubleTensor]
  }

  /// Creates the reference of a model, with its parameters.
  ///
  /// - Parameter loss: the loss; by default that of the model, or before `compile` the softmax cross-entropy.
  /// - Throws: `ShapeError.unsupported` for a layer that is not a ``ReferenceLayer``, or a loss that is not a
  ///   ``ReferenceLoss``.
  package init(_ model: Model, loss: LoopNestLoss? = nil) throws(ShapeError) {
    (plan, seed) = (model.plan, model.seed)
    parameters = model.parameterTensors.map { DoubleTensor($0.tensor) }
    let compiled = model.loss ?? SoftmaxCrossEntropy()
    guard let loss = loss ?? (compiled as? any ReferenceLoss)?.reference(after: model.plan.finalActivation)
    else { throw .unsupported("there is no reference for the loss \"\(compiled.name)\"") }
    self.loss = loss
    for index in plan.nodes.indices { _ = try layer(index) }
  }

  /// Sets the parameters from the flat array of the model.
  package mutating func setParameters(_ values: [Float]) {
    var rest = values[...]
    for index in parameters.indices {
      parameters[index].scalars = rest.prefix(parameters[index].count).map(Double.init)
      rest = rest.dropFirst(parameters[index].count)
    }
    precondition(rest.isEmpty, "\(rest.count) scalars too many")
  }

  // MARK: - Forward

  /// Returns the outputs in inference, `[batch, classes]`, for images `[batch, height, width, channels]`.
  package func outputs(_ images: DoubleTensor) throws(ShapeError) -> DoubleTensor {
    let values = try values(images)
    return values[values.count - 1]
  }

  /// Returns the images and the output of every node.
  ///
  /// - Parameter update: the number of the update in training; nil for inference.
  package func values(_ images: DoubleTensor, update: Int? = nil) throws(ShapeError) -> [DoubleTensor] {
    var values = [images]
    for index in plan.nodes.indices {
      let output = try layer(index).forward(run(index, values, update))
      precondition(Array(output.shape.dropFirst()) == plan.nodes[index].outputShape, plan.nodes[index].name)
      // The engine does not store probabilities whose logarithm it combines with the activation.
      let isStored = index < plan.nodes.count - 1 || !loss.isOfProbabilities
      values.append(isStored ? rounded(output) : output)
    }
    return values
  }

  /// Returns the mean loss of a batch.
  ///
  /// - Parameters:
  ///   - targets: `[batch, classes]`.
  ///   - update: the number of the update in training; nil for inference.
  package func loss(
    _ images: DoubleTensor, targets: DoubleTensor, update: Int? = nil
  ) throws(ShapeError) -> Double {
    let values = try values(images, update: update)
    return loss.mean(outputs: values[values.count - 1], targets: targets).loss
  }

  /// Returns how near a training step is to a point where a gradient jumps: the smallest distance of all
  /// layers, relative to the values that they compare. Below the rounding error of these values, the gradients
  /// of the engine may be those of the other side.
  package func kinkDistance(_ images: DoubleTensor, update: Int = 1) throws(ShapeError) -> Double {
    let values = try values(images, update: update)
    var distance = Double.infinity
    for index in plan.nodes.indices {
      distance = min(distance, try layer(index).kinkDistance(run(index, values, update)))
    }
    return distance
  }

  // MARK: - Training

  /// Returns the loss, the gradients and the new state of a training step.
  ///
  /// - Parameters:
  ///   - targets: `[batch, classes]`.
  ///   - update: the number of the update, from 1.
  package func step(
    _ images: DoubleTensor, targets: DoubleTensor, update: Int = 1
  ) throws(ShapeError) -> Step {
    let values = try values(images, update: update)
    let (loss, gradient) = loss.mean(outputs: values[values.count - 1], targets: targets)
    var gradients = values.map { DoubleTensor(zeros: $0.shape) }
    gradients[values.count - 1] = gradient
    var results = parameters
    for index in plan.nodes.indices.reversed() {
      let (layer, run) = (try layer(index), run(index, values, update))
      let own = try layer.gradients(of: rounded(gradients[index + 1]), output: values[index + 1], run)
      // A value that several inputs read gets the sum of their gradients.
      for (value, part) in zip(plan.nodes[index].inputs, own.inputs) { gradients[value].add(part) }
      let trainable = arrays(of: index, .trainable)
      precondition(own.parameters.count == trainable.count, plan.nodes[index].name)
      for (array, part) in zip(trainable, own.parameters) { results[array] = part }
      for (array, new) in zip(arrays(of: index, .state), layer.updatedState(run)) { results[array] = new }
    }
    let trainable = plan.parameters.count { $0.plan.role == .trainable }
    return Step(
      loss: loss, gradients: Array(results[..<trainable]), inputGradient: gradients[0],
      state: Array(results[trainable...]))
  }

  private func rounded(_ tensor: DoubleTensor) -> DoubleTensor {
    roundsToFloat ? tensor.map { Double(Float($0)) } : tensor
  }

  // MARK: - Nodes

  private func layer(_ index: Int) throws(ShapeError) -> any ReferenceLayer {
    let node = plan.nodes[index]
    guard let layer = node.layer as? any ReferenceLayer else {
      throw .unsupported(
        "there is no reference for the layer \"\(node.name)\" of kind \(node.layer.kindName)")
    }
    return layer
  }

  private func run(_ index: Int, _ values: [DoubleTensor], _ update: Int?) -> ReferenceRun {
    let node = plan.nodes[index]
    return ReferenceRun(
      inputs: node.inputs.map { values[$0] },
      parameters: node.plan.parameters.flatMap { array in
        plan.parameters.indices
          .filter { plan.parameters[$0].node == index && plan.parameters[$0].plan.name == array.name }
          .map { parameters[$0] }
      },
      node: index, training: update.map { ReferenceTraining(seed: seed, update: $0) })
  }

  /// The indices of a node's arrays of a role, in the order of its plan.
  private func arrays(of node: Int, _ role: LayerParameter.Role) -> [Int] {
    plan.parameters.indices.filter {
      plan.parameters[$0].node == node && plan.parameters[$0].plan.role == role
    }
  }
}
