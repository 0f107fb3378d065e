import Im2col

/// A loss function to minimize: a sum over the images of a batch.
///
/// The losses of this package are `SoftmaxCrossEntropy`, `BinaryCrossEntropy` and `MeanSquaredError`. Other
/// packages conform in the same way:
///
///     struct MeanAbsoluteError: Loss {
///       let name = "mean absolute error"
///
///       func sum(of outputs: Span<Float>, targets: Span<Float>, images: Int) -> Double { ... }
///       func gradient(
///         of outputs: Span<Float>, targets: Span<Float>, images: Int, scale: Float,
///         into gradient: inout MutableSpan<Float>
///       ) { ... }
///     }
///
/// A loss that is combined with the last activation for accuracy names it as its `includedActivation`; it then
/// reads the inputs of that activation.
public protocol Loss: Sendable {
  /// The name in messages.
  var name: String { get }
  /// The activation at the end of a network that the loss includes; nil for none. A network may end in it, or
  /// in no activation.
  var includedActivation: Activation? { get }
  /// What a target must be, for messages: "a distribution over the classes".
  var targetRule: String { get }

  /// Checks the settings, and that the loss has a meaning for a number of outputs.
  ///
  /// - Throws: `ShapeError` with the numbers and the remedy.
  func validate(outputs: Int) throws(ShapeError)

  /// Returns whether a target follows `targetRule`.
  ///
  /// - Parameter target: `[outputs]`.
  func isValid(target: Span<Float>) -> Bool

  /// Returns the sum of the losses of images, added in Double in their order.
  ///
  /// - Parameters:
  ///   - outputs: `[images, outputs]`, before the included activation.
  ///   - targets: `[images, outputs]`.
  ///   - images: the number of images, at least 1.
  func sum(of outputs: Span<Float>, targets: Span<Float>, images: Int) -> Double

  /// Writes the gradient of the sum with respect to the outputs, multiplied by `scale`.
  ///
  /// - Parameters:
  ///   - outputs: `[images, outputs]`, before the included activation.
  ///   - targets: `[images, outputs]`.
  ///   - images: the number of images, at least 1.
  ///   - scale: the factor, 1 over the number of images in the batch.
  ///   - gradient: `[images, outputs]`; overwrite every scalar.
  func gradient(
    of outputs: Span<Float>, targets: Span<Float>, images: Int, scale: Float,
    into gradient: inout MutableSpan<Float>)
}

extension Loss {
  /// None.
  public var includedActivation: Activation? { nil }
  /// Finite numbers.
  public var targetRule: String { "finite numbers" }
  /// Accepts any number of outputs.
  public func validate(outputs: Int) throws(ShapeError) {}
  /// Accepts finite numbers.
  public func isValid(target: Span<Float>) -> Bool {
    for index in target.indices where !target[index].isFinite { return false }
    return true
  }
}

extension Loss where Self == SoftmaxCrossEntropy {
  /// Softmax cross-entropy, for one class of several. See `SoftmaxCrossEntropy`.
  public static var softmaxCrossEntropy: SoftmaxCrossEntropy { SoftmaxCrossEntropy() }

  /// Softmax cross-entropy under the name that Keras gives it.
  public static var categoricalCrossEntropy: SoftmaxCrossEntropy { SoftmaxCrossEntropy() }

  /// Softmax cross-entropy with label smoothing and class weights. See `SoftmaxCrossEntropy`.
  public static func softmaxCrossEntropy(
    labelSmoothing: Float = 0, classWeights: [Float]? = nil
  ) -> SoftmaxCrossEntropy {
    SoftmaxCrossEntropy(labelSmoothing: labelSmoothing, classWeights: classWeights)
  }
}

extension Loss where Self == BinaryCrossEntropy {
  /// Sigmoid cross-entropy of independent outputs. See `BinaryCrossEntropy`.
  public static var binaryCrossEntropy: BinaryCrossEntropy { BinaryCrossEntropy() }
}

extension Loss where Self == MeanSquaredError {
  /// The mean of the squared differences. See `MeanSquaredError`.
  public static var meanSquaredError: MeanSquaredError { MeanSquaredError() }
}
