import CKernels
import Im2col

/// Softmax cross-entropy: for one class of several.
///
///     t[c] = (1 - labelSmoothing) * target[c] + labelSmoothing / classes
///     loss = - sum over c of classWeights[c] * t[c] * log(softmax(logits)[c])
///
/// A softmax at the end of the network is combined with the logarithm; the outputs of a network without a last
/// activation are the logits. As in Keras, the mean over a batch is not divided by the class weights.
///
/// Label smoothing: Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, "Rethinking the Inception architecture for
/// computer vision", arXiv 1512.00567, section 7.
public struct SoftmaxCrossEntropy: Loss, Hashable {
  /// The part of a target that is spread over all classes, in `0..<1`.
  public var labelSmoothing: Float
  /// The weight of every class, finite and not negative; nil for 1.
  public var classWeights: [Float]?

  /// Creates a loss.
  public init(labelSmoothing: Float = 0, classWeights: [Float]? = nil) {
    (self.labelSmoothing, self.classWeights) = (labelSmoothing, classWeights)
  }

  /// `softmax cross-entropy`.
  public var name: String { "softmax cross-entropy" }
  /// The softmax.
  public var includedActivation: Activation? { .softmax }
  /// A distribution.
  public var targetRule: String {
    "a distribution over the classes: numbers that are not negative and sum to 1"
  }

  /// Checks the settings and that there are at least two classes.
  public func validate(outputs: Int) throws(ShapeError) {
    guard outputs > 1 else {
      throw .unsupported(
        "\(name) needs at least 2 outputs, one for each class, but the network has \(outputs); use "
          + ".binaryCrossEntropy for one output")
    }
    guard labelSmoothing >= 0, labelSmoothing < 1 else {
      throw .unsupported("the label smoothing is \(labelSmoothing); it must be at least 0 and below 1")
    }
    guard let classWeights else { return }
    guard classWeights.count == outputs else {
      throw .mismatch("the class weights", expected: [outputs], actual: [classWeights.count])
    }
    if let index = classWeights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw .unsupported(
        "the weight of class \(index) is \(classWeights[index]); it must be finite and not negative")
    }
  }

  /// The rounding of a distribution in Float, with room for sums of a thousand classes.
  private static let sumTolerance: Float = 1e-3

  /// Accepts distributions.
  public func isValid(target: Span<Float>) -> Bool {
    var (sum, least): (Float, Float) = (0, 0)
    for index in target.indices {
      sum += target[index]
      least = min(least, target[index])
    }
    return least >= 0 && abs(sum - 1) <= SoftmaxCrossEntropy.sumTolerance
  }
}

extension SoftmaxCrossEntropy: SinglePassLoss {
  func evaluate(
    _ outputs: Span<Float>, _ targets: Span<Float>, images: Int, scale: Float,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    withStarts(outputs, targets) { outputs, targets, count in
      var correct: Int64 = 0
      guard let classWeights else {
        return ckernels_weighted_cross_entropy(
          Int64(images), Int64(count / images), outputs, targets, labelSmoothing, nil, scale, nil, gradient,
          &correct)
      }
      return ckernels_weighted_cross_entropy(
        Int64(images), Int64(count / images), outputs, targets, labelSmoothing, classWeights, scale, nil,
        gradient, &correct)
    }
  }
}
