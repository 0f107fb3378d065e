import Im2col

/// One row of a model summary.
public struct SummaryRow: Sendable, Equatable {
  /// The layer's name.
  public let name: String
  /// The layer's kind: `conv`, `pool`, `flatten`, `dense`, `activation`, `dropout`, `lrn`.
  public let kind: String
  /// The shape of one output.
  public let outputShape: [Int]
  /// The number of scalars in its parameters.
  public let parameters: Int
  /// Floating-point operations of the forward pass for one image.
  public let forwardFLOPs: Double
  /// Bytes of scratch: per worker plus shared by all workers. 0 when the layer is fused into the layer before
  /// it or computes nothing.
  public let scratchBytes: Int
  /// Bytes derived from the parameters once they have changed.
  public let preparedBytes: Int
  /// The lowering of the layer: `gemm`, `im2col`, ...; nil when it has none.
  public let lowering: String?
}

extension Model {
  /// Returns the bytes of a training step besides parameters, gradients and optimizer state.
  ///
  /// `activations` counts the outputs of all ops, their gradients, and the bytes saved for backward;
  /// `scratch` counts the scratch of the workers.
  ///
  /// - Throws: `EngineError.shape` when the batch does not fit into memory.
  package func trainingMemory(batch: Int) throws(EngineError) -> (activations: Int, scratch: Int) {
    let inMicroBatches = try trainingSchedule == .microBatch
    let layout = try EngineError.shapes { () throws(ShapeError) in
      try WorkspaceLayout(
        OpGraph(plan, .training), inMicroBatches ? .upTo(ShardPlan.groupImages) : .exactly(batch),
        options: options, workers: inMicroBatches ? nil : options.workers)
    }
    return (layout.bytes - layout.scratchBytes, layout.scratchBytes)
  }

  /// The layers with their sizes and costs, as they run in training once the model is compiled.
  public var summaryRows: [SummaryRow] {
    let images = ShardPlan.groupImages
    guard let graph = try? OpGraph(plan, compiled == nil ? .inference : .training) else {
      preconditionFailure("Model.init has planned the same graph")
    }
    let schedule = forcedSchedule ?? ExecutionSchedule(for: graph)
    let ops = graph.makeOps(schedule == .microBatch ? .upTo(images) : .exactly(images), options: options)
    return plan.nodes.enumerated().map { index, node in
      let op = graph.opIndex(ofNode: index).map { ops[$0] }
      return SummaryRow(
        name: node.name, kind: node.layer.kindName, outputShape: node.outputShape,
        parameters: plan.parameters.filter { $0.node == index }.map(\.range.count).reduce(0, +),
        forwardFLOPs: node.forwardFLOPs,
        scratchBytes: op.map {
          ($0.sharedScratchFloats + $0.workerScratchFloats) * MemoryLayout<Float>.stride
        } ?? 0,
        preparedBytes: op.map { $0.preparedFloats * MemoryLayout<Float>.stride } ?? 0,
        lowering: op?.lowering?.rawValue)
    }
  }

  /// Returns the layers with their sizes and costs as a text table.
  public func summary() -> String {
    let titles = ["layer", "kind", "output", "parameters", "FLOPs/image", "scratch", "prepared", "lowering"]
    let rightAligned = 3...6
    let rows = summaryRows.map { row in
      [
        row.name, row.kind, row.outputShape.map(String.init).joined(separator: " x "),
        row.parameters.grouped,
        Int(row.forwardFLOPs).grouped, row.scratchBytes.grouped, row.preparedBytes.grouped,
        row.lowering ?? "-",
      ]
    }
    let widths = titles.indices.map { column in ([titles] + rows).map { $0[column].count }.max() ?? 0 }
    let lines = ([titles] + rows).map { row in
      let cells = row.indices.map { column in
        let blanks = String(repeating: " ", count: widths[column] - row[column].count)
        return rightAligned.contains(column) ? blanks + row[column] : row[column] + blanks
      }
      return cells.joined(separator: "  ").trimmedEnd
    }
    let rule = String(repeating: "-", count: widths.reduce(0, +) + 2 * (widths.count - 1))
    let total =
      "\(parameterCount.grouped) parameters, input \(inputShape.map(String.init).joined(separator: " x "))"
    return ([lines[0], rule] + lines.dropFirst() + [rule, total]).joined(separator: "\n")
  }
}
