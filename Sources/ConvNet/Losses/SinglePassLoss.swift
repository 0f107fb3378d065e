/// A loss whose sum and gradient share most of their work.
protocol SinglePassLoss: Loss {
  /// Returns the sum of the losses; writes `scale` times its gradient if there is memory for it.
  ///
  /// - Parameters:
  ///   - outputs: `[images, outputs]`, before the included activation.
  ///   - targets: `[images, outputs]`.
  ///   - gradient: `[images, outputs]`; nil if it is not needed.
  func evaluate(
    _ outputs: Span<Float>, _ targets: Span<Float>, images: Int, scale: Float,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Double
}

extension SinglePassLoss {
  /// Calls `body` with the memory of outputs and targets, and the number of scalars in each.
  func withStarts(
    _ outputs: Span<Float>, _ targets: Span<Float>,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Double
  ) -> Double {
    outputs.withUnsafeBufferPointer { outputs in
      targets.withUnsafeBufferPointer { targets in
        guard let outputStart = outputs.baseAddress, let targetStart = targets.baseAddress else { return 0 }
        return body(outputStart, targetStart, outputs.count)
      }
    }
  }

  /// Returns the sum of the losses.
  public func sum(of outputs: Span<Float>, targets: Span<Float>, images: Int) -> Double {
    evaluate(outputs, targets, images: images, scale: 0, gradient: nil)
  }

  /// Writes the gradient of the sum.
  public func gradient(
    of outputs: Span<Float>, targets: Span<Float>, images: Int, scale: Float,
    into gradient: inout MutableSpan<Float>
  ) {
    gradient.withUnsafeMutableBufferPointer { gradient in
      _ = evaluate(outputs, targets, images: images, scale: scale, gradient: gradient.baseAddress)
    }
  }
}
