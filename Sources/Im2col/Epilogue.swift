import CKernels

/// What becomes of the sums of a forward pass: optionally a max pooling, then the bias and the activation.
///
///     sums --max pooling--> maxima, places --bias--> --activation--> output
///
/// A bias and a non-decreasing activation preserve the order, so pooling the sums first gives the same
/// output, and bias and activation apply to fewer values.
package struct Epilogue {
  /// `[outputChannels]`, added to every pixel; nil for none.
  package var bias: UnsafePointer<Float>?
  /// Applied after the bias. Never softmax, which needs whole rows.
  package var activation: Activation
  /// Receives the index of each maximum within its window, `[images, height, width, channels]` of the pooled
  /// output: row * window width + column. nil for inference, and without pooling.
  package var places: UnsafeMutablePointer<UInt8>?

  package init(
    bias: UnsafePointer<Float>? = nil, activation: Activation = .identity,
    places: UnsafeMutablePointer<UInt8>? = nil
  ) {
    (self.bias, self.activation, self.places) = (bias, activation, places)
  }

  /// The function that loops with sums in registers apply themselves, after the bias: ReLU, or none.
  var registerFunction: ckernels_function { activation == .relu ? ckernels_relu : ckernels_identity }

  /// Applies the activation to rows that have their bias and `registerFunction`, in place; see ``finish``.
  func finishActivation(
    _ output: UnsafeMutablePointer<Float>, rows: Int, channels: Range<Int>, stride: Int
  ) {
    guard activation != .relu else { return }
    Epilogue(activation: activation).finish(output, rows: rows, channels: channels, stride: stride)
  }

  /// Adds the bias to finished rows and applies the activation, in place.
  ///
  /// - Parameters:
  ///   - output: the first of the channels in the first row.
  ///   - rows: the number of pixels.
  ///   - channels: the output channels that `output` holds of each pixel.
  ///   - stride: the distance in scalars between two pixels.
  func finish(_ output: UnsafeMutablePointer<Float>, rows: Int, channels: Range<Int>, stride: Int) {
    guard bias != nil || activation != .identity else { return }
    ckernels_finish_rows(
      output, Int64(rows), Int64(channels.count), Int64(stride), bias.map { $0 + channels.lowerBound },
      activation.kernelFunction)
  }
}
