import CKernels
import Im2col

/// The mean over the outputs of `(output - target)^2`, after any last activation.
public struct MeanSquaredError: Loss, Hashable {
  /// Creates a loss.
  public init() {}

  /// `mean squared error`.
  public var name: String { "mean squared error" }
}

extension MeanSquaredError: SinglePassLoss {
  func evaluate(
    _ outputs: Span<Float>, _ targets: Span<Float>, images: Int, scale: Float,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    withStarts(outputs, targets) { outputs, targets, count in
      ckernels_mean_squared_error(Int64(images), Int64(count / images), outputs, targets, scale, gradient)
    }
  }
}
