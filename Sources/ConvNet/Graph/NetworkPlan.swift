import Im2col

/// The shapes and the parameter layout of a graph.
///
///     storage   [ trainable arrays in the order of the nodes | state arrays in the order of the nodes ]
package struct NetworkPlan: Sendable {
  /// A node with its shapes and parameters.
  package struct PlannedNode: Sendable {
    package let name: String
    package let layer: any Layer
    /// The values that it reads; see `Graph`.
    package let inputs: [Int]
    package let plan: LayerPlan
    /// The offsets of its parameter arrays in the storage, in the order of `plan.parameters`.
    package let position: NodePosition

    package var outputShape: [Int] { plan.outputShape }
    package var forwardFLOPs: Double { plan.forwardFLOPs }
  }

  /// One parameter array with its name and location.
  package struct Parameter: Sendable {
    /// For example `conv1.kernel`.
    package let name: String
    package let plan: LayerParameter
    /// The location in the storage.
    package let range: Range<Int>
    /// The index of the node.
    package let node: Int
  }

  package let graph: Graph
  package let nodes: [PlannedNode]
  /// In the order of the storage.
  package let parameters: [Parameter]
  /// The number of trainable scalars.
  package let trainableCount: Int
  /// The number of scalars in all parameters.
  package let parameterCount: Int

  /// `[height, width, channels]` or `[features]`.
  package var inputShape: [Int] { graph.inputShape }
  package var outputShape: [Int] { nodes.last?.outputShape ?? inputShape }
  package var inputCount: Int { inputShape.reduce(1, *) }
  package var outputCount: Int { outputShape.reduce(1, *) }

  /// The activation of the last layer; the identity for a layer without one.
  package var finalActivation: Activation {
    switch nodes.last?.layer {
    case let layer as ActivationLayer: layer.activation
    case let layer as DenseLayer: layer.activation
    case let layer as ConvolutionLayer: layer.activation
    case let layer as TransposedConvolutionLayer: layer.activation
    default: .identity
    }
  }

  /// The shape of a value: of the input, or of a node's output.
  package func shape(ofValue value: Int) -> [Int] {
    value == 0 ? inputShape : nodes[value - 1].outputShape
  }

  /// Plans a graph.
  ///
  /// - Throws: `ShapeError` naming the layer that does not accept its inputs.
  package init(_ graph: Graph) throws(ShapeError) {
    guard !graph.nodes.isEmpty else { throw .unsupported("a model needs at least one layer") }
    guard graph.inputShape.count == 1 || graph.inputShape.count == 3 else {
      throw .rank("a model's input", axes: ["height", "width", "channels"], actual: graph.inputShape)
    }
    for length in graph.inputShape {
      try ShapeError.requirePositive(length, "an axis of the input shape \(graph.inputShape)")
    }
    _ = try ShapeError.elementCount(of: graph.inputShape, named: "input")

    var names = NodeNames()
    var shapes = [graph.inputShape]
    var planned: [(name: String, plan: LayerPlan)] = []
    var isRead = [Bool](repeating: false, count: graph.nodes.count + 1)
    for (index, node) in graph.nodes.enumerated() {
      let name = try names.name(of: node)
      for input in node.inputs {
        guard (0...index).contains(input.index) else {
          throw .unsupported(
            "the layer \"\(name)\" reads value \(input.index), but only values 0 to \(index) exist before it; "
              + "list the nodes in topological order")
        }
        isRead[input.index] = true
      }
      let plan = try NetworkPlan.plan(node, named: name, for: node.inputs.map { shapes[$0.index] })
      planned.append((name, plan))
      shapes.append(plan.outputShape)
    }
    if let unused = isRead.dropLast().firstIndex(of: false) {
      throw .unsupported(
        unused == 0
          ? "no layer reads the input of the model"
          : "no layer reads the output of \"\(planned[unused - 1].name)\"; only the last layer is an output")
    }
    var layout = ParameterLayout()
    for role in [LayerParameter.Role.trainable, .state] {
      for (index, (name, plan)) in planned.enumerated() {
        try layout.append(plan.parameters, of: name, node: index, role)
      }
      if role == .trainable { layout.endTrainable() }
    }
    self.graph = graph
    nodes = planned.enumerated().map { index, planned in
      PlannedNode(
        name: planned.name, layer: graph.nodes[index].layer.layer,
        inputs: graph.nodes[index].inputs.map(\.index), plan: planned.plan,
        position: NodePosition(
          index: index, parameters: layout.starts(of: planned.plan, node: index),
          inputCounts: graph.nodes[index].inputs.map { shapes[$0.index].reduce(1, *) }))
    }
    (parameters, trainableCount, parameterCount) = (
      layout.parameters, layout.trainableCount, layout.count
    )
  }

  /// Plans a layer; the error names it.
  private static func plan(
    _ node: Graph.Node, named name: String, for inputs: [[Int]]
  ) throws(ShapeError) -> LayerPlan {
    let layer = node.layer.layer
    do throws(ShapeError) {
      return try layer.plan(for: inputs)
    } catch {
      throw .inLayer(name, error)
    }
  }
}

/// The locations of the parameters in the storage.
private struct ParameterLayout {
  private(set) var parameters: [NetworkPlan.Parameter] = []
  private(set) var count = 0
  private(set) var trainableCount = 0

  mutating func append(
    _ plans: [LayerParameter], of layer: String, node: Int, _ role: LayerParameter.Role
  ) throws(ShapeError) {
    for plan in plans where plan.role == role {
      let size = try ShapeError.elementCount(of: plan.shape, named: "parameter")
      let (end, overflow) = count.addingReportingOverflow(size)
      guard !overflow, end <= Int.max / 64 else {
        throw .overflow("a model's parameters", sizes: [count, size])
      }
      parameters.append(
        NetworkPlan.Parameter(name: "\(layer).\(plan.name)", plan: plan, range: count..<end, node: node))
      count = end
    }
  }

  mutating func endTrainable() { trainableCount = count }

  /// The offsets of a node's arrays, in the order of its plan.
  func starts(of plan: LayerPlan, node: Int) -> [Int] {
    let own = parameters.filter { $0.node == node }
    return plan.parameters.map { parameter in
      own.first { $0.plan.name == parameter.name }?.range.lowerBound ?? 0
    }
  }
}
