import Im2col

/// A model with the interface of a TensorFlow 1 graph: a run feeds placeholders and computes the fetches.
///
///     let x = Placeholder("x", shape: [nil, 28, 28, 1]), y = Placeholder("y", shape: [nil, 10])
///     let graph = try lenet5(x, y)
///     let results = try graph.run([graph.train, graph.loss], feeding: [x: images, y: labels])
///     results.loss
///
/// Output, loss and accuracy fetched together with `train` are those before the update.
public final class TrainingGraph {
  /// The placeholder of the images.
  public let x: Placeholder
  /// The placeholder of the one-hot labels.
  public let y: Placeholder
  /// The model that holds the parameters.
  public let model: Sequential

  /// The output of the model.
  public var output: Fetch { .output }
  /// One update of the parameters.
  public var train: Fetch { .train }
  /// The mean loss of the batch.
  public var loss: Fetch { .loss }
  /// The accuracy on the batch.
  public var accuracy: Fetch { .accuracy }

  /// Creates a graph of a compiled model and its placeholders.
  ///
  /// - Throws: `EngineError.shape` when the model is not compiled or a placeholder does not match it.
  public init(_ x: Placeholder, _ y: Placeholder, model: Sequential) throws(EngineError) {
    _ = try model.requireCompiled()
    guard x.name != y.name else {
      throw .shape(.unsupported("both placeholders are named \"\(x.name)\"; give them different names"))
    }
    for (placeholder, shape) in [(x, model.inputShape), (y, model.outputShape)] {
      guard placeholder.accepts([placeholder.shape.first.flatMap { $0 } ?? 1] + shape) else {
        throw .shape(
          .unsupported(
            "the placeholder \(placeholder) does not match the model; it must hold a batch of \(shape)"))
      }
    }
    (self.x, self.y, self.model) = (x, y, model)
  }

  /// The results of a run; nil if not fetched.
  public struct Results: Sendable, Equatable {
    /// `[batch, classes]`.
    public internal(set) var output: Tensor?
    /// The mean loss of the batch.
    public internal(set) var loss: Double?
    /// The fraction of correct predictions.
    public internal(set) var accuracy: Double?

    /// The result of a fetch as a tensor; loss and accuracy have no axes, and `train` is nil.
    public subscript(fetch: Fetch) -> Tensor? {
      switch fetch {
      case .output: output
      case .train: nil
      case .loss: loss.map { Tensor(validated: [], scalars: [Float($0)]) }
      case .accuracy: accuracy.map { Tensor(validated: [], scalars: [Float($0)]) }
      }
    }
  }

  /// Computes the fetches. Without `train` the parameters do not change.
  ///
  /// - Parameters:
  ///   - fetches: the fetches in any order.
  ///   - feeds: the tensors of `x` and `y`; `y` is not needed if only the output is fetched.
  /// - Throws: `EngineError.shape` when a feed is missing, unknown or has the wrong shape, when the numbers
  ///   of images differ, or when `loss`, `accuracy` or `train` are fetched for an empty batch. On an error,
  ///   the model is unchanged.
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
      throw .shape(.unsupported("the placeholder \(placeholder) is not fed, but the fetches require it"))
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
