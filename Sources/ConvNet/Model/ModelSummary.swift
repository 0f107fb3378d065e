import Im2col

/// One layer of a model's summary.
public struct SummaryRow: Sendable, Equatable {
  /// The layer's name.
  public let name: String
  /// The layer's kind: `conv`, `pool`, `flatten`, `dense`, `activation`, `dropout`, `lrn`.
  public let kind: String
  /// The shape of one output.
  public let outputShape: [Int]
  /// Numbers that the layer learns.
  public let parameters: Int
  /// Multiplications and additions forward, an image.
  public let forwardFLOPs: Double
  /// Bytes of scratch a worker, and those that workers share, while the layer runs. 0 where the layer is
  /// fused into the one before it, or does nothing.
  public let scratchBytes: Int
  /// Bytes that are prepared from the parameters once an update.
  public let preparedBytes: Int
  /// How the layer becomes matrix products: `gemm`, `im2col`, ...; nil where it does not.
  public let lowering: String?
}

extension Sequential {
  /// Bytes that a training op on a batch takes besides parameters, gradient and optimizer state, by the plan's own
  /// count: the outputs of all layers with two gradients in turn and what is saved for the way back; and what
  /// workers use while a op runs.
  ///
  /// - Throws: `EngineError.shape` when memory cannot hold it.
  package func trainingMemory(batch: Int) throws(EngineError) -> (activations: Int, scratch: Int) {
    let microBatches = executionSchedule == .microBatches
    let layout = try EngineError.shapes { () throws(ShapeError) in
      try WorkspaceLayout(
        plan, microBatches ? .upTo(ShardPlan.microBatchImages) : .exactly(batch), trains: true,
        options: options,
        workers: microBatches ? nil : options.workers)
    }
    return (layout.bytes - layout.scratchBytes, layout.scratchBytes)
  }

  /// The layers with their sizes and costs, as data.
  public var summaryRows: [SummaryRow] {
    let images = ShardPlan.microBatchImages
    let ops = plan.ops(
      executionSchedule == .microBatches ? .upTo(images) : .exactly(images), trains: compiled != nil,
      options: options)
    return plan.layers.map { layer in
      let op = layer.op.flatMap { $0 < ops.count ? ops[$0] : nil }
      return SummaryRow(
        name: layer.name, kind: layer.layer.definition.kindName, outputShape: layer.output,
        parameters: layer.parameters.map { plan.parameters[$0].range.count }.reduce(0, +),
        forwardFLOPs: layer.forwardFLOPs,
        scratchBytes: op.map { ($0.sharedFloats + $0.workerFloats) * MemoryLayout<Float>.stride } ?? 0,
        preparedBytes: op.map { $0.preparedFloats * MemoryLayout<Float>.stride } ?? 0,
        lowering: op?.lowering?.rawValue)
    }
  }

  /// The layers with their sizes and costs, as a table for people.
  public func summary() -> String {
    let titles = ["layer", "kind", "output", "parameters", "FLOPs/image", "scratch", "prepared", "lowering"]
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
        return SummaryColumn.isNumber(column) ? blanks + row[column] : row[column] + blanks
      }
      return cells.joined(separator: "  ").trimmedEnd
    }
    let rule = String(repeating: "-", count: widths.reduce(0, +) + 2 * (widths.count - 1))
    let total =
      "\(parameterCount.grouped) parameters, input \(inputShape.map(String.init).joined(separator: " x "))"
    return ([lines[0], rule] + lines.dropFirst() + [rule, total]).joined(separator: "\n")
  }
}

private enum SummaryColumn {
  static func isNumber(_ column: Int) -> Bool { (3...6).contains(column) }
}
