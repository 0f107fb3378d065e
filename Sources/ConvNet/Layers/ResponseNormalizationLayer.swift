import CKernels
import Im2col

/// Local response normalization across channels: Krizhevsky, Sutskever, Hinton, "ImageNet classification with
/// deep convolutional neural networks", NIPS 2012, section 3.3.
///
///     output[y, x, c] = input[y, x, c] / (k + alpha * sum over j of input[y, x, j]^2) ^ beta
///
/// The sum is over `size` neighboring channels, as far as there are any: `size / 2` in front of `c`, `c` itself,
/// and the others behind, so that an even size has one more in front. `alpha` stands as in the paper: it is
/// *not* divided by the size, as Caffe's and PyTorch's are (theirs is `alpha * size` here).
public struct ResponseNormalizationLayer: Sendable, Hashable, Codable, LayerDefinition {
  /// Neighboring channels in a sum; the paper's *n*.
  public var size: Int
  /// What is added to the sum; above 0.
  public var k: Float
  /// What the sum is multiplied by; not negative.
  public var alpha: Float
  /// The exponent.
  public var beta: Float

  /// Makes settings, by default the paper's; checked where they are used.
  public init(size: Int = 5, k: Float = 2, alpha: Float = 1e-4, beta: Float = 0.75) {
    (self.size, self.k, self.alpha, self.beta) = (size, k, alpha, beta)
  }

  package var kindName: String { "lrn" }

  package func planned(input: [Int]) throws(ShapeError) -> LayerPlan {
    guard let channels = input.last else {
      throw .rank("the input of a normalization layer", axes: ["...", "channels"], actual: input)
    }
    try validate()
    let count = try ShapeError.elementCount(of: input, named: "input of a normalization layer")
    let kernel = kernel(channels: channels)
    return LayerPlan(
      output: input,
      ops: { _ in [ResponseNormalizationDescriptor(kernel: kernel, count: count)] })
  }

  /// - Throws: `ShapeError` naming the setting that makes no sense.
  func validate() throws(ShapeError) {
    try ShapeError.requirePositive(size, "the size of a response normalization")
    let settings: [(String, Float, Bool)] = [
      ("k of a response normalization is \(k); it must be a number above 0", k, k > 0),
      ("alpha of a response normalization is \(alpha); it must be a number not below 0", alpha, alpha >= 0),
      ("beta of a response normalization is \(beta); it must be a number", beta, true),
    ]
    for (text, value, fits) in settings where !value.isFinite || !fits { throw .unsupported(text) }
  }

  /// The same numbers as the C kernels want them; no window is wider than there are channels on a side.
  func kernel(channels: Int) -> ckernels_response_normalization {
    ckernels_response_normalization(
      rows: 0, channels: Int64(channels), before: Int64(min(size / 2, channels)),
      after: Int64(min(size - 1 - size / 2, channels)), k: k, alpha: alpha, beta: beta)
  }
}

extension ckernels_response_normalization {
  /// `[rows, channels]` to the same.
  func apply(
    rows: Int, _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var settings = self
    settings.rows = Int64(rows)
    ckernels_response_normalize(&settings, input, output, scratch)
  }

  /// The output's gradient to the input's.
  func gradient(
    rows: Int, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    into inputGradient: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    var settings = self
    settings.rows = Int64(rows)
    ckernels_response_normalization_gradient(&settings, input, outputGradient, inputGradient, scratch)
  }

  /// Scalars of scratch.
  var scratchFloats: Int {
    var settings = self
    return Int(ckernels_response_normalization_scratch(&settings))
  }
}
