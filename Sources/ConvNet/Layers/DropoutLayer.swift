import Im2col

/// Dropout: sets each input to 0 with probability `rate` in training, and has no effect in inference.
///
///     training      output = kept ? input / (1 - rate) : 0      kept with probability 1 - rate
///     inference     output = input
///
/// Hinton, Srivastava, Krizhevsky, Sutskever, Salakhutdinov, "Improving neural networks by preventing
/// co-adaptation of feature detectors", arXiv 1207.0580. Krizhevsky, Sutskever and Hinton (2012, section 4.2)
/// train with `kept ? input : 0` and multiply by `1 - rate` at test time. Dividing in training, as Keras and
/// PyTorch do, keeps the expected inputs of the next layer equal, at no cost in inference.
///
/// The mask depends only on the model's seed, the number of the update, the index of the layer, the position
/// of the image in its batch and the position of the scalar in the image. It is the same for any number of
/// workers, and in a resumed run. The layer has no state and no parameters.
public struct DropoutLayer: Layer {
  /// `dropout`.
  public static let typeName = "dropout"

  /// The fraction of the inputs to drop, in `0..<1`.
  public var rate: Float

  /// Creates a layer.
  public init(rate: Float) { self.rate = rate }

  /// The shape of the input, without parameters.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let input = try requireOneInput(inputs)
    guard rate >= 0, rate < 1 else {
      throw .unsupported("the rate of a dropout layer is \(rate); it must be at least 0 and below 1")
    }
    let count = try ShapeError.elementCount(of: input, named: "input of a dropout layer")
    return LayerPlan(
      outputShape: input,
      makeOpDescriptors: { [rate] position in
        [DropoutDescriptor(rate: rate, count: count, layer: position.index)]
      })
  }
}
