import CKernels
import Im2col

/// Local response normalization across channels.
///
///     output[y, x, c] = input[y, x, c] / (k + alpha * sum over j of input[y, x, j]^2) ^ beta
///
/// The sum is over `size` adjacent channels, clipped at the first and last channel: `size / 2` channels
/// before `c`, `c` itself, and the others after it, so an even size has one more channel before `c`. As in
/// the paper, `alpha` is *not* divided by the size. Caffe and PyTorch divide it by `size`: to get
/// the same result there, pass `alpha * size`.
///
/// Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks", NIPS
/// 2012, section 3.3.
public struct ResponseNormalizationLayer: Layer {
  /// `response_normalization`.
  public static let typeName = "response_normalization"

  /// The number of adjacent channels in a sum, *n* in the paper.
  public var size: Int
  /// The constant added to the scaled sum; greater than 0.
  public var k: Float
  /// The factor of the sum; not negative.
  public var alpha: Float
  /// The exponent.
  public var beta: Float

  /// Creates settings, by default those of the paper. `Sequential.init` validates them.
  public init(size: Int = 5, k: Float = 2, alpha: Float = 1e-4, beta: Float = 0.75) {
    (self.size, self.k, self.alpha, self.beta) = (size, k, alpha, beta)
  }

  /// `lrn`.
  public var kindName: String { "lrn" }

  /// The shape of the input, without parameters.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let input = try requireOneInput(inputs)
    guard let channels = input.last else {
      throw .rank("the input of a normalization layer", axes: ["...", "channels"], actual: input)
    }
    try validate()
    let count = try ShapeError.elementCount(of: input, named: "input of a normalization layer")
    let kernel = kernel(channels: channels)
    return LayerPlan(
      outputShape: input,
      makeOpDescriptors: { _ in [ResponseNormalizationDescriptor(kernel: kernel, count: count)] })
  }

  /// Checks the settings.
  ///
  /// - Throws: `ShapeError` with the name and value of a setting that is out of range.
  func validate() throws(ShapeError) {
    try ShapeError.requirePositive(size, "the size of a response normalization")
    let settings: [(String, Float, Bool)] = [
      ("k of a response normalization is \(k); it must be finite and greater than 0", k, k > 0),
      (
        "alpha of a response normalization is \(alpha); it must be finite and not negative", alpha, alpha >= 0
      ),
      ("beta of a response normalization is \(beta); it must be finite", beta, true),
    ]
    for (text, value, isInRange) in settings where !value.isFinite || !isInRange { throw .unsupported(text) }
  }

  /// The settings for the C kernels, with the window clipped to the number of channels on each side.
  func kernel(channels: Int) -> ckernels_response_normalization {
    ckernels_response_normalization(
      rows: 0, channels: Int64(channels), before: Int64(min(size / 2, channels)),
      after: Int64(min(size - 1 - size / 2, channels)), k: k, alpha: alpha, beta: beta)
  }
}

extension ckernels_response_normalization {
  /// Normalizes `[rows, channels]`.
  func apply(
    rows: Int, _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var settings = self
    settings.rows = Int64(rows)
    ckernels_response_normalize(&settings, input, output, scratch)
  }

  /// Computes the input gradient from the output gradient.
  func gradient(
    rows: Int, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    into inputGradient: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    var settings = self
    settings.rows = Int64(rows)
    ckernels_response_normalization_gradient(&settings, input, outputGradient, inputGradient, scratch)
  }

  /// The number of scalars of scratch.
  var scratchFloats: Int {
    var settings = self
    return Int(ckernels_response_normalization_scratch(&settings))
  }
}
