import Im2col

/// What one layer made of some images.
public struct LayerActivation: Sendable, Equatable {
  /// The layer's name.
  public let name: String
  /// The layer's kind, as in `SummaryRow`.
  public let kind: String
  /// `[batch, height, width, channels]`, or `[batch, features]`, behind the layer's activation.
  public let output: Tensor
}

extension Sequential {
  /// The outputs of every layer, for looking at what a model does inside.
  ///
  ///     for layer in try model.activations(for: image) { print(layer.name, layer.output.shape) }
  ///     // conv1 [1, 28, 28, 6]
  ///     // pool1 [1, 14, 14, 6] ...
  ///
  /// `predict` fuses layers and keeps none of this; here each layer is run by itself, as the model predicts with it, and
  /// its output is saved. The last one is what `predict` gives, but for rounding.
  ///
  /// - Parameter images: `[batch, height, width, channels]`, or `[batch, features]`.
  /// - Returns: one a layer, in order; shapes as in `summaryRows` with the batch in front.
  /// - Throws: `EngineError.shape` when the images are not what the model takes, or memory cannot hold all outputs.
  /// - Complexity: that of `predict`, and the memory of all outputs.
  public func activations(for images: Tensor) throws(EngineError) -> [LayerActivation] {
    let batch = try requireImages(images)
    try requireRoom(forActivationsOf: batch)
    var input = images
    return try plan.layers.enumerated().map { (index, layer) throws(EngineError) in
      let output = try EngineError.shapes { () throws(ShapeError) in
        try self.output(of: layer, at: index, for: input, batch)
      }
      input = output
      return LayerActivation(name: layer.name, kind: layer.layer.definition.kindName, output: output)
    }
  }

  /// Checks that memory can hold the outputs of all layers, and once more the largest of them.
  private func requireRoom(forActivationsOf batch: Int) throws(EngineError) {
    try EngineError.shapes { () throws(ShapeError) in
      var perImage = 0
      for shape in plan.layers.map(\.output) + [inputShape] {
        let size = try ShapeError.elementCount(of: [batch, 2] + shape, named: "output of a layer")
        let (sum, overflow) = perImage.addingReportingOverflow(batch > 0 ? size / batch : 0)
        guard !overflow else { throw .overflow("the outputs of all layers", sizes: [perImage, size]) }
        perImage = sum
      }
      _ = try ShapeError.elementCount(of: [batch, perImage], named: "outputs of all layers")
    }
  }

  /// One layer's ops, one behind the other.
  private func output(
    of layer: NetworkPlan.PlannedLayer, at index: Int, for input: Tensor, _ batch: Int
  ) throws(ShapeError) -> Tensor {
    let first = layer.parameters.isEmpty ? 0 : plan.parameters[layer.parameters.lowerBound].range.lowerBound
    let place = LayerPlace(index: index, firstParameter: first)
    let ops = try layer.layer.definition.planned(input: layer.input).ops(place).filter { !$0.isIdentity }
    var scalars = input.scalars
    guard batch > 0 else { return Tensor(validated: [batch] + layer.output, scalars: []) }
    for op in ops {
      let op = op.op(
        OpSettings(
          images: .exactly(batch), needsInputGradient: false, trains: false,
          options: OpSettings.PassOptions(options)))
      scalars = run(op, on: scalars, batch)
    }
    return Tensor(validated: [batch] + layer.output, scalars: scalars)
  }

  /// A op forward on memory of its own, its work shared by the workers.
  private func run(_ op: any Op, on input: [Float], _ batch: Int) -> [Float] {
    let stride = CacheLine.rounded(op.workerFloats)
    let shared = AlignedFloats(op.sharedFloats)
    let own = AlignedFloats(options.workers.count * stride)
    let context = ExecutionContext(
      workers: options.workers, shared: shared.start, own: own.start, stride: stride)
    var output = [Float](repeating: 0, count: batch * op.outputCount)
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        guard let source = input.baseAddress, let target = output.baseAddress else { return }
        op.forward(
          ForwardRun(
            images: batch, input: source, output: target, parameters: UnsafePointer(storage.start),
            saved: nil,
            context: context))
      }
    }
    return output
  }
}
