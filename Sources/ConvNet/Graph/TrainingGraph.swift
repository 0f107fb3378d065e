import Im2col

/// A model in the words of a TensorFlow 1 graph: placeholders are fed, results are fetched, and nothing
/// happens that no fetch asks for.
///
///     let x = Placeholder("x", shape: [nil, 28, 28, 1]), y = Placeholder("y", shape: [nil, 10])
///     let graph = try lenet5(x, y)
///     let results = try graph.run([graph.train, graph.loss], feeding: [x: images, y: labels])
///     results.loss
///
/// Whatever is fetched together is of one moment: output, loss and accuracy are those before the update.
public final class TrainingGraph {
  /// The images.
  public let x: Placeholder
  /// The one-hot labels.
  public let y: Placeholder
  /// The model that holds the parameters.
  public let model: Sequential

  /// The model's output.
  public var output: Fetch { .output }
  /// One update of the parameters.
  public var train: Fetch { .train }
  /// The mean loss of the batch.
  public var loss: Fetch { .loss }
  /// The share of the batch that was right.
  public var accuracy: Fetch { .accuracy }

  /// Ties a compiled model to its placeholders.
  ///
  /// - Throws: `EngineError.shape` when the model is not compiled or the placeholders do not fit it.
  public init(_ x: Placeholder, _ y: Placeholder, model: Sequential) throws(EngineError) {
    _ = try model.requireCompiled()
    guard x.name != y.name else {
      throw .shape(.unsupported("both placeholders are called \"\(x.name)\"; give them names of their own"))
    }
    for (placeholder, shape) in [(x, model.inputShape), (y, model.outputShape)] {
      guard placeholder.accepts([placeholder.shape.first.flatMap { $0 } ?? 1] + shape) else {
        throw .shape(
          .unsupported(
            "the placeholder \(placeholder) cannot feed this model; it has to hold a batch of \(shape)"))
      }
    }
    (self.x, self.y, self.model) = (x, y, model)
  }

  /// What one run gave; nil for what was not fetched.
  public struct Results: Sendable, Equatable {
    /// `[batch, classes]`.
    public internal(set) var output: Tensor?
    /// Mean over the batch.
    public internal(set) var loss: Double?
    /// Share of the batch.
    public internal(set) var accuracy: Double?

    /// A fetch as a tensor: loss and accuracy are single numbers; nil for the update.
    public subscript(fetch: Fetch) -> Tensor? {
      switch fetch {
      case .output: output
      case .train: nil
      case .loss: loss.map { Tensor(validated: [], scalars: [Float($0)]) }
      case .accuracy: accuracy.map { Tensor(validated: [], scalars: [Float($0)]) }
      }
    }
  }

  /// Computes what is fetched, and nothing else: without `train` no parameter changes.
  ///
  /// - Parameters:
  ///   - fetches: in any order.
  ///   - feeds: `x`, and `y` too unless only the output is fetched.
  /// - Throws: `EngineError.shape` when a feed is missing, unknown or misshapen, when the two hold different
  ///   numbers of images, or when loss, accuracy or update are asked of an empty batch; no parameter has
  ///   changed then.
  public func run(_ fetches: [Fetch], feeding feeds: [Placeholder: Tensor]) throws(EngineError) -> Results {
    let wanted = Set(fetches)
    for (placeholder, tensor) in feeds {
      guard placeholder == x || placeholder == y else {
        throw .shape(.unsupported("this graph has no placeholder \(placeholder); it has \(x) and \(y)"))
      }
      guard placeholder.accepts(tensor.shape) else {
        throw .shape(.unsupported("the placeholder \(placeholder) was fed a tensor of shape \(tensor.shape)"))
      }
    }
    var results = Results()
    guard !wanted.isEmpty else { return results }
    let images = try fed(x, feeds)
    let needsLabels = wanted != [.output]
    let data = needsLabels ? try TensorData(images, fed(y, feeds)) : nil
    if let data { try model.requireData(data) }

    if wanted.contains(.output) { results.output = try model.predict(images) }
    guard let data else { return results }
    if wanted.contains(.train) {
      results.take(try model.trainOnBatch(data), wanted)
    } else {
      results.take(try model.evaluate(data), wanted)
    }
    return results
  }

  private func fed(_ placeholder: Placeholder, _ feeds: [Placeholder: Tensor]) throws(EngineError) -> Tensor {
    guard let tensor = feeds[placeholder] else {
      throw .shape(.unsupported("the placeholder \(placeholder) was not fed; the fetches need it"))
    }
    return tensor
  }
}

extension TrainingGraph.Results {
  fileprivate mutating func take(_ score: Score, _ wanted: Set<Fetch>) {
    if wanted.contains(.loss) { loss = score.loss }
    if wanted.contains(.accuracy) { accuracy = score.accuracy }
  }
}
