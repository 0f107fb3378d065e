import Im2col

/// Leaves out each number with probability `rate` in training; does nothing when predicting or evaluating.
///
///     training      output = kept ? input / (1 - rate) : 0        kept with probability 1 - rate, each alone
///     otherwise     output = input
///
/// Hinton, Srivastava, Krizhevsky, Sutskever, Salakhutdinov, "Improving neural networks by preventing
/// co-adaptation of feature detectors", arXiv 1207.0580. Krizhevsky, Sutskever and Hinton (2012, section 4.2)
/// train with `kept ? input : 0` and multiply by `1 - rate` at test time; dividing in training, as Keras and
/// PyTorch do, leaves the same numbers to the next layer in expectation, in training as in testing, and
/// predicting costs nothing.
///
/// What is left out follows from the model's seed, the number of the update, the layer's place in the model, the
/// image's place in its batch and the number's place in the image, and from nothing else: the same bits for
/// any number of workers, and in a training that goes on from a saved optimizer state. The layer keeps
/// no state and learns nothing.
public struct DropoutLayer: Sendable, Hashable, Codable, LayerDefinition {
  /// The share that is left out, in `0..<1`.
  public var rate: Float

  package var kindName: String { "dropout" }

  package func planned(input: [Int]) throws(ShapeError) -> LayerPlan {
    guard rate >= 0, rate < 1 else {
      throw .unsupported("the rate of a dropout layer is \(rate); it must be at least 0 and below 1")
    }
    let count = try ShapeError.elementCount(of: input, named: "input of a dropout layer")
    return LayerPlan(
      output: input,
      ops: { [rate] place in [DropoutDescriptor(rate: rate, count: count, layer: place.index)] })
  }
}
