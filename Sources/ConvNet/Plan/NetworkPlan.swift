import Im2col

/// The shapes, the parameter layout and the fused ops of a list of layers, determined by the input shape.
package struct NetworkPlan: Sendable {
  /// One layer with its shapes and parameters.
  package struct PlannedLayer: Sendable {
    package let name: String
    package let layer: Layer
    package let inputShape: [Int]
    package let outputShape: [Int]
    package let forwardFLOPs: Double
    /// Indices into `parameters`.
    package let parameters: Range<Int>
    /// The index of the first op of the layer; nil if it has none, or is fused into the op of an earlier
    /// layer.
    package let opIndex: Int?
  }

  /// One parameter array with its name and location.
  package struct Parameter: Sendable {
    /// For example `conv1.kernel`.
    package let name: String
    package let plan: ParameterPlan
    /// The location in the flat array of all parameters.
    package let range: Range<Int>
  }

  /// `[height, width, channels]` or `[features]`.
  package let inputShape: [Int]
  package let layers: [PlannedLayer]
  package let parameters: [Parameter]
  /// The number of scalars in all parameters.
  package let parameterCount: Int
  /// The fused ops in order, without a final softmax, which is part of the loss.
  package let opDescriptors: [any OpDescriptor]
  /// Whether the outputs are probabilities.
  package let endsInSoftmax: Bool

  package var outputShape: [Int] { layers.last?.outputShape ?? inputShape }
  package var inputCount: Int { inputShape.reduce(1, *) }
  package var outputCount: Int { outputShape.reduce(1, *) }

  /// Plans a model.
  ///
  /// - Throws: `ShapeError` when a layer does not accept the output shape of the layer before it.
  package init(inputShape: [Int], layers: [Layer]) throws(ShapeError) {
    guard !layers.isEmpty else { throw .unsupported("a model needs at least one layer") }
    guard inputShape.count == 1 || inputShape.count == 3 else {
      throw .rank("a model's input", axes: ["height", "width", "channels"], actual: inputShape)
    }
    for length in inputShape {
      try ShapeError.requirePositive(length, "an axis of the input shape \(inputShape)")
    }
    _ = try ShapeError.elementCount(of: inputShape, named: "input")

    var (shape, count) = (inputShape, 0)
    var names = LayerNames()
    var planned: [PlannedLayer] = []
    var parameters: [Parameter] = []
    var ops: [any OpDescriptor] = []
    for (index, layer) in layers.enumerated() {
      let name = try names.name(of: layer)
      let plan = try layer.definition.plan(for: shape)
      let (firstParameter, firstScalar, firstOp) = (parameters.count, count, ops.count)
      for parameter in plan.parameters {
        let size = try ShapeError.elementCount(of: parameter.shape, named: "parameter")
        let (end, overflow) = count.addingReportingOverflow(size)
        guard !overflow, end <= Int.max / 64 else {
          throw .overflow("a model's parameters", sizes: [count, size])
        }
        parameters.append(Parameter(name: "\(name).\(parameter.role)", plan: parameter, range: count..<end))
        count = end
      }
      for op in plan.makeOpDescriptors(LayerPosition(index: index, firstParameter: firstScalar))
      where !op.isIdentity {
        if let last = ops.last, let fused = last.fused(with: op) {
          ops[ops.count - 1] = fused
        } else {
          ops.append(op)
        }
      }
      planned.append(
        PlannedLayer(
          name: name, layer: layer, inputShape: shape, outputShape: plan.output,
          forwardFLOPs: plan.forwardFLOPs,
          parameters: firstParameter..<parameters.count, opIndex: ops.count > firstOp ? firstOp : nil))
      shape = plan.output
    }
    var endsInSoftmax = false
    if let last = ops.last as? ActivationDescriptor, last.activation == .softmax, last.shape.count == 1 {
      ops.removeLast()
      endsInSoftmax = true
    }
    guard !ops.isEmpty else {
      throw .unsupported(
        "a model needs at least one layer that computes something; flatten and softmax alone do not")
    }
    self.inputShape = inputShape
    self.layers = planned
    (self.parameters, parameterCount, opDescriptors) = (parameters, count, ops)
    self.endsInSoftmax = endsInSoftmax
  }
}

extension NetworkPlan {
  /// Creates the ops for a number of images.
  package func makeOps(_ images: OpSettings.Images, trains: Bool, options: ComputeOptions) -> [any Op] {
    opDescriptors.enumerated().map { index, descriptor in
      descriptor.makeOp(
        OpSettings(
          images: images, needsInputGradient: index > 0, trains: trains,
          options: OpSettings.PassOptions(options)))
    }
  }
}

/// The names of the layers of a model: given names must be unique, other layers are numbered by kind.
private struct LayerNames {
  private var taken: Set<String> = []
  private var counts: [String: Int] = [:]

  mutating func name(of layer: Layer) throws(ShapeError) -> String {
    let kind = layer.definition.kindName
    if let name = layer.name {
      guard !name.isEmpty else {
        throw .unsupported("a layer has an empty name; give it a name, or omit the argument")
      }
      guard !name.contains(".") else {
        throw .unsupported("the layer name \"\(name)\" contains a dot; use a name without dots")
      }
      guard taken.insert(name).inserted else {
        throw .unsupported(
          "the layer name \"\(name)\" is already used by another layer; give every layer a unique name")
      }
      return name
    }
    while true {
      counts[kind, default: 0] += 1
      let name = "\(kind)\(counts[kind, default: 0])"
      if taken.insert(name).inserted { return name }
    }
  }
}
