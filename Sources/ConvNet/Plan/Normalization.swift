/// The parameters of a batch normalization, as offsets in the storage.
struct Normalization: Sendable {
  let channels: Int
  let gamma, beta, mean, variance: Int
  let epsilon: Double

  /// Writes the normalization by the running statistics as `scale * x + shift`, `[channels]` each.
  func write(
    _ parameters: UnsafePointer<Float>, scale: UnsafeMutablePointer<Float>,
    shift: UnsafeMutablePointer<Float>
  ) {
    for channel in 0..<channels {
      let factor =
        Double(parameters[gamma + channel]) / (Double(parameters[variance + channel]) + epsilon).squareRoot()
      scale[channel] = Float(factor)
      shift[channel] = Float(
        Double(parameters[beta + channel]) - Double(parameters[mean + channel]) * factor)
    }
  }

  /// Writes the kernel and the bias of a convolution that is followed by the normalization:
  ///
  ///     kernel'[k][c] = kernel[k][c] * scale[c]      bias'[c] = bias[c] * scale[c] + shift[c]
  ///
  /// - Parameters:
  ///   - kernel: `[K, channels]`.
  ///   - bias: `[channels]`; nil for zeros.
  ///   - prepared: the folded kernel, then the folded bias.
  func fold(
    _ parameters: UnsafePointer<Float>, kernel: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    patchLength: Int, into prepared: UnsafeMutablePointer<Float>
  ) {
    let shift = prepared + patchLength * channels
    withUnsafeTemporaryAllocation(of: Float.self, capacity: channels) { scale in
      guard let scale = scale.baseAddress else { return }
      write(parameters, scale: scale, shift: shift)
      for row in 0..<patchLength {
        for channel in 0..<channels {
          prepared[row * channels + channel] = kernel[row * channels + channel] * scale[channel]
        }
      }
      guard let bias else { return }
      for channel in 0..<channels { shift[channel] += bias[channel] * scale[channel] }
    }
  }
}
