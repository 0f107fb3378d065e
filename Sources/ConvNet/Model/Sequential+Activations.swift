import Im2col

/// The output of one layer.
public struct LayerActivation: Sendable, Equatable {
  /// The layer's name.
  public let name: String
  /// The layer's kind, as in `SummaryRow`.
  public let kind: String
  /// `[batch, height, width, channels]`, or `[batch, features]`, after the layer's activation.
  public let output: Tensor
}

extension Sequential {
  /// Returns the output of every layer, for inspection.
  ///
  ///     for layer in try model.activations(for: image) { print(layer.name, layer.output.shape) }
  ///     // conv1 [1, 28, 28, 6]
  ///     // pool1 [1, 14, 14, 6] ...
  ///
  /// `predict` fuses layers and does not store these outputs. This method runs each layer separately in
  /// inference mode. The last output equals that of `predict` up to rounding.
  ///
  /// - Parameter images: `[batch, height, width, channels]`, or `[batch, features]`.
  /// - Returns: one activation per layer, in order; shapes as in `summaryRows`, preceded by the batch.
  /// - Throws: `EngineError.shape` when the shape does not match the model, or the outputs exceed memory.
  /// - Complexity: that of `predict`, plus memory for all outputs.
  public func activations(for images: Tensor) throws(EngineError) -> [LayerActivation] {
    let batch = try requireImages(images)
    try requireMemory(forActivationsOf: batch)
    var input = images
    return try plan.layers.enumerated().map { (index, layer) throws(EngineError) in
      let output = try EngineError.shapes { () throws(ShapeError) in
        try self.output(of: layer, at: index, for: input, batch)
      }
      input = output
      return LayerActivation(name: layer.name, kind: layer.layer.definition.kindName, output: output)
    }
  }

  /// Checks that memory can hold the outputs of all layers, with a margin of a factor of 2.
  private func requireMemory(forActivationsOf batch: Int) throws(EngineError) {
    try EngineError.shapes { () throws(ShapeError) in
      var perImage = 0
      for shape in plan.layers.map(\.outputShape) + [inputShape] {
        let size = try ShapeError.elementCount(of: [batch, 2] + shape, named: "output of a layer")
        let (sum, overflow) = perImage.addingReportingOverflow(batch > 0 ? size / batch : 0)
        guard !overflow else { throw .overflow("the outputs of all layers", sizes: [perImage, size]) }
        perImage = sum
      }
      _ = try ShapeError.elementCount(of: [batch, perImage], named: "outputs of all layers")
    }
  }

  /// Runs the ops of one layer.
  private func output(
    of layer: NetworkPlan.PlannedLayer, at index: Int, for input: Tensor, _ batch: Int
  ) throws(ShapeError) -> Tensor {
    let first = layer.parameters.isEmpty ? 0 : plan.parameters[layer.parameters.lowerBound].range.lowerBound
    let position = LayerPosition(index: index, firstParameter: first)
    let descriptors = try layer.layer.definition.plan(for: layer.inputShape).makeOpDescriptors(position)
    var scalars = input.scalars
    guard batch > 0 else { return Tensor(validated: [batch] + layer.outputShape, scalars: []) }
    for descriptor in descriptors where !descriptor.isIdentity {
      let op = descriptor.makeOp(
        OpSettings(
          images: .exactly(batch), needsInputGradient: false, trains: false,
          options: OpSettings.PassOptions(options)))
      scalars = run(op, on: scalars, batch)
    }
    return Tensor(validated: [batch] + layer.outputShape, scalars: scalars)
  }

  /// Runs an op forward on all workers, with newly allocated scratch.
  private func run(_ op: any Op, on input: [Float], _ batch: Int) -> [Float] {
    let stride = CacheLine.rounded(op.workerScratchFloats)
    let shared = AlignedFloats(op.sharedScratchFloats)
    let worker = AlignedFloats(options.workers.count * stride)
    let context = ExecutionContext(
      workers: options.workers, sharedScratch: shared.start, workerScratch: worker.start,
      workerScratchStride: stride)
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
