import Im2col

/// The ops of a plan in order, fused for a purpose, and the values that they read and write.
///
///     layers   conv1 -> pool1 -> conv2 -> bn2 --+--> add -> relu        values of the layers
///     ops      [conv1+pool1] -> [conv2] -> [bn2+add+relu]               values of the ops: 0, 1, 2, 3
///
/// An op that is fused with a later one takes the later place, because the later op may read values that are
/// written in between.
package struct OpGraph: Sendable {
  /// An op.
  package struct PlannedOp: Sendable {
    package fileprivate(set) var descriptor: any OpDescriptor
    /// The values that it reads.
    package fileprivate(set) var inputs: [Int]
    /// The value that it writes.
    package fileprivate(set) var output: Int
    /// The nodes whose work it does, in order.
    package fileprivate(set) var nodes: [Int]
    /// Whether training leaves its parameters and its state as they are.
    package fileprivate(set) var isFrozen: Bool
  }

  package let plan: NetworkPlan
  package let purpose: OpPurpose
  package let ops: [PlannedOp]
  /// The number of scalars in each value; 0 for values inside a fused op.
  package let valueCounts: [Int]
  /// The value of each node's output: of another node where the layer has no op.
  package let valueOfNode: [Int]
  /// The output of the network.
  package let output: Int
  /// The activation that was removed at the end; nil if there was none.
  package let finalActivation: Activation?
  /// Whether the gradient of each value is needed: something before it is trained.
  package let needsGradient: [Bool]

  /// Whether training needs all images of a batch in one run.
  package var needsWholeBatch: Bool { ops.contains { $0.descriptor.needsWholeBatch && !$0.isFrozen } }

  /// Creates the ops of a plan.
  ///
  /// - Throws: `ShapeError.unsupported` when no layer computes anything.
  package init(_ plan: NetworkPlan, _ purpose: OpPurpose) throws(ShapeError) {
    var builder = OpGraphBuilder(plan, purpose)
    for (index, node) in plan.nodes.enumerated() { builder.append(node, index) }
    builder.removeFinalActivation()
    guard !builder.ops.isEmpty else {
      throw .unsupported(
        "a model needs at least one layer that computes something; flatten and softmax alone do not")
    }
    (self.plan, self.purpose, ops) = (plan, purpose, builder.ops)
    (valueCounts, valueOfNode, output) = (
      builder.valueCounts, builder.values.dropFirst().map(\.self), builder.output
    )
    finalActivation = builder.finalActivation
    var needsGradient = [Bool](repeating: false, count: builder.valueCounts.count)
    for op in ops {
      needsGradient[op.output] =
        !op.descriptor.trainableRanges.isEmpty && !op.isFrozen || op.inputs.contains { needsGradient[$0] }
    }
    self.needsGradient = needsGradient
  }

  /// Creates the ops for a number of images.
  package func makeOps(_ images: OpSettings.Images, options: ComputeOptions) -> [any Op] {
    ops.map { op in
      op.descriptor.makeOp(
        OpSettings(
          images: images, needsInputGradients: op.inputs.map { needsGradient[$0] }, trains: purpose.trains,
          isFrozen: op.isFrozen, options: OpSettings.PassOptions(options)))
    }
  }

  /// The index of the op that a node begins; nil if it has none, or is fused into the op of an earlier node.
  package func opIndex(ofNode node: Int) -> Int? { ops.firstIndex { $0.nodes.first == node } }

  /// The names of an op's layers, for example `conv1+pool1`.
  package func name(ofOp index: Int) -> String {
    ops[index].nodes.map { plan.nodes[$0].name }.joined(separator: "+")
  }
}

/// The ops so far, while nodes are added in order.
private struct OpGraphBuilder {
  let purpose: OpPurpose
  private(set) var ops: [OpGraph.PlannedOp] = []
  private(set) var valueCounts: [Int]
  /// The op value of each value of the graph so far.
  private(set) var values = [0]
  private(set) var output = 0
  private(set) var finalActivation: Activation?
  /// The number of readers of each value of the graph, where the output of the network counts as one.
  private let readers: [Int]
  /// The number of readers of each op value.
  private var opReaders: [Int]

  init(_ plan: NetworkPlan, _ purpose: OpPurpose) {
    self.purpose = purpose
    valueCounts = [plan.inputCount]
    var readers = [Int](repeating: 0, count: plan.nodes.count + 1)
    for node in plan.nodes { for input in node.inputs { readers[input] += 1 } }
    readers[plan.nodes.count] += 1
    self.readers = readers
    opReaders = [readers[0]]
  }

  /// Appends the ops of a node.
  mutating func append(_ node: NetworkPlan.PlannedNode, _ index: Int) {
    var inputs = node.inputs.map { values[$0] }
    let descriptors = node.plan.makeOpDescriptors(node.position).filter { !$0.isIdentity(purpose) }
    if descriptors.isEmpty {
      // An alias: its readers read the input instead.
      opReaders[inputs[0]] += readers[index + 1] - 1
    }
    for (position, descriptor) in descriptors.enumerated() {
      let isLast = position == descriptors.count - 1
      // An activation that belongs to the loss stays an op of its own.
      let staysApart =
        isLast && index == readers.count - 2 && purpose.finalActivation != nil
        && (descriptor as? ActivationDescriptor)?.activation == purpose.finalActivation
      inputs = [
        append(
          descriptor, inputs, index, readers: isLast ? readers[index + 1] : 1,
          fuses: purpose.fuses && !staysApart)
      ]
    }
    values.append(inputs[0])
    output = inputs[0]
  }

  /// Appends an op, or fuses it into the op that writes one of its inputs; returns its output.
  private mutating func append(
    _ descriptor: any OpDescriptor, _ inputs: [Int], _ node: Int, readers: Int, fuses: Bool
  ) -> Int {
    let isFrozen = purpose.frozenNodes.contains(node)
    var op = OpGraph.PlannedOp(
      descriptor: descriptor, inputs: inputs, output: valueCounts.count, nodes: [node],
      isFrozen: isFrozen)
    if fuses {
      for (position, value) in inputs.enumerated() where opReaders[value] == 1 {
        guard let earlier = ops.firstIndex(where: { $0.output == value }),
          let fused = ops[earlier].descriptor.fused(with: descriptor, atInput: position, purpose)
        else { continue }
        var others = inputs
        others.remove(at: position)
        let nodes = ops[earlier].nodes + (ops[earlier].nodes.last == node ? [] : [node])
        op = OpGraph.PlannedOp(
          descriptor: fused, inputs: ops[earlier].inputs + others, output: valueCounts.count, nodes: nodes,
          isFrozen: ops[earlier].isFrozen)
        valueCounts[value] = 0
        ops.remove(at: earlier)
        break
      }
    }
    ops.append(op)
    valueCounts.append(op.descriptor.outputCount)
    opReaders.append(readers)
    return op.output
  }

  /// Removes the activation at the end that the purpose names, if nothing else reads its input.
  mutating func removeFinalActivation() {
    guard let last = ops.last, last.output == output,
      let activation = last.descriptor as? ActivationDescriptor,
      activation.activation == purpose.finalActivation,
      activation.shape.count == 1 || activation.activation.isElementwise, opReaders[last.inputs[0]] == 1
    else { return }
    ops.removeLast()
    valueCounts[output] = 0
    output = last.inputs[0]
    finalActivation = activation.activation
    for index in values.indices where values[index] == last.output { values[index] = output }
  }
}
