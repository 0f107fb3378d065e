import Im2col
import Synchronization

/// The output of one layer.
public struct LayerActivation: Sendable, Equatable {
  /// The layer's name.
  public let name: String
  /// The layer's kind, as in `SummaryRow`.
  public let kind: String
  /// `[batch, height, width, channels]`, or `[batch, features]`, after the layer's activation.
  public let output: Tensor
}

extension Model {
  /// Returns the output of every layer, for inspection.
  ///
  ///     for layer in try model.activations(for: image) { print(layer.name, layer.output.shape) }
  ///     // conv1 [1, 28, 28, 6]
  ///     // pool1 [1, 14, 14, 6] ...
  ///
  /// `predict` fuses layers and does not store these outputs. This method runs each layer separately in
  /// inference mode, and observes the outputs. The last one equals that of `predict` up to rounding.
  ///
  /// - Parameter images: `[batch, height, width, channels]`, or `[batch, features]`.
  /// - Returns: one activation per layer, in order; shapes as in `summaryRows`, preceded by the batch.
  /// - Throws: `EngineError.shape` when the shape does not match the model, or the outputs exceed memory.
  /// - Complexity: that of `predict`, plus memory for all outputs.
  public func activations(for images: Tensor) throws(EngineError) -> [LayerActivation] {
    let batch = try requireImages(images)
    try requireMemory(forActivationsOf: batch)
    let graph = try EngineError.shapes { () throws(ShapeError) in
      try OpGraph(plan, OpPurpose(trains: false, fuses: false, finalActivation: nil))
    }
    let executor = try GraphExecutor(graph, .layerByLayer, options: options)
    let recorder = ValueRecorder(executor.graph, batch: batch)
    executor.observer = recorder
    if batch > 0 {
      recorder.record(value: 0, images.scalars)
      var output = Tensor(zeros: [batch] + outputShape)
      try use.exclusively { () throws(EngineError) in
        try executor.predict(images, storage, into: &output)
      }
    }
    return plan.nodes.enumerated().map { index, node in
      LayerActivation(
        name: node.name, kind: node.layer.kindName,
        output: Tensor(
          validated: [batch] + node.outputShape,
          scalars: recorder.scalars(ofValue: executor.graph.valueOfNode[index])))
    }
  }

  /// Checks that memory can hold the outputs of all layers, with a margin of a factor of 2.
  private func requireMemory(forActivationsOf batch: Int) throws(EngineError) {
    try EngineError.shapes { () throws(ShapeError) in
      var perImage = 0
      for shape in plan.nodes.map(\.outputShape) + [inputShape] {
        let size = try ShapeError.elementCount(of: [batch, 2] + shape, named: "output of a layer")
        let (sum, overflow) = perImage.addingReportingOverflow(batch > 0 ? size / batch : 0)
        guard !overflow else { throw .overflow("the outputs of all layers", sizes: [perImage, size]) }
        perImage = sum
      }
      _ = try ShapeError.elementCount(of: [batch, perImage], named: "outputs of all layers")
    }
  }
}

/// Copies the output of every op.
private final class ValueRecorder: ExecutionObserver {
  private let graph: OpGraph
  private let values: Mutex<[[Float]]>

  init(_ graph: OpGraph, batch: Int) {
    self.graph = graph
    values = Mutex(graph.valueCounts.map { [Float](repeating: 0, count: batch * $0) })
  }

  func observe(_ event: ExecutionEvent) {
    guard case .forward(let op) = event.part, let output = event.output else { return }
    let (value, count) = (graph.ops[op].output, graph.valueCounts[graph.ops[op].output])
    let scalars = UnsafeBufferPointer(start: output, count: event.images.count * count)
    values.withLock { values in
      let range = event.images.lowerBound * count..<event.images.upperBound * count
      values[value].replaceSubrange(range, with: scalars)
    }
  }

  func record(value: Int, _ scalars: [Float]) { values.withLock { $0[value] = scalars } }

  func scalars(ofValue value: Int) -> [Float] { values.withLock { $0[value] } }
}
