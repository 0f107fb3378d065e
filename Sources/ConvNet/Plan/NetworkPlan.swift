import Im2col

/// What follows from layers and an input shape alone: shapes, where each parameter lies, fused ops of work.
package struct NetworkPlan: Sendable {
  /// One layer in its place.
  package struct PlannedLayer: Sendable {
    package let name: String
    package let layer: Layer
    package let input: [Int]
    package let output: [Int]
    package let forwardFLOPs: Double
    /// Indices into `parameters`.
    package let parameters: Range<Int>
    /// Which op the layer's work begins in; nil where it has none, or where another layer's op holds it.
    package fileprivate(set) var op: Int?
  }

  /// One learned array in its place.
  package struct Parameter: Sendable {
    /// For example `conv1.kernel`.
    package let name: String
    package let plan: ParameterPlan
    /// Its place in the flat buffer.
    package let range: Range<Int>
  }

  /// `[height, width, channels]` or `[features]`.
  package let inputShape: [Int]
  package let layers: [PlannedLayer]
  package let parameters: [Parameter]
  /// Scalars in all parameters.
  package let parameterCount: Int
  /// Fused ops of work in order. A softmax at the end is not among them: it belongs to the loss.
  package let ops: [any OpDescriptor]
  /// Whether outputs are probabilities.
  package let endsInSoftmax: Bool

  package var outputShape: [Int] { layers.last?.output ?? inputShape }
  package var inputCount: Int { inputShape.reduce(1, *) }
  package var outputCount: Int { outputShape.reduce(1, *) }

  /// Plans a model.
  ///
  /// - Throws: `ShapeError` of the first layer that cannot follow the one before it.
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
      let plan = try layer.definition.planned(input: shape)
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
      for op in plan.ops(LayerPlace(index: index, firstParameter: firstScalar))
      where !op.isIdentity {
        if let last = ops.last, let fused = last.absorbing(op) {
          ops[ops.count - 1] = fused
        } else {
          ops.append(op)
        }
      }
      planned.append(
        PlannedLayer(
          name: name, layer: layer, input: shape, output: plan.output, forwardFLOPs: plan.forwardFLOPs,
          parameters: firstParameter..<parameters.count, op: ops.count > firstOp ? firstOp : nil))
      shape = plan.output
    }
    var endsInSoftmax = false
    if let last = ops.last as? ActivationDescriptor, last.activation == .softmax, last.shape.count == 1 {
      ops.removeLast()
      endsInSoftmax = true
    }
    guard !ops.isEmpty else {
      throw .unsupported("a model needs a layer that computes something besides softmax")
    }
    self.inputShape = inputShape
    self.layers = planned
    (self.parameters, parameterCount, self.ops) = (parameters, count, ops)
    self.endsInSoftmax = endsInSoftmax
  }
}

extension NetworkPlan {
  /// The fused ops for runs of some number of images.
  package func ops(_ images: OpSettings.Images, trains: Bool, options: ComputeOptions) -> [any Op] {
    ops.enumerated().map { index, op in
      op.op(
        OpSettings(
          images: images, needsInputGradient: index > 0, trains: trains,
          options: OpSettings.PassOptions(options)))
    }
  }
}

/// Names of a model's layers: given ones must differ, others are numbered by kind.
private struct LayerNames {
  private var taken: Set<String> = []
  private var counts: [String: Int] = [:]

  mutating func name(of layer: Layer) throws(ShapeError) -> String {
    let kind = layer.definition.kindName
    if let name = layer.name {
      guard !name.isEmpty, !name.contains("."), taken.insert(name).inserted else {
        throw .unsupported(
          "the layer name \"\(name)\" is empty, has a dot, or is taken; every layer needs a name of its own")
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
