import CKernels
import Im2col

extension Activation {
  /// Whether the activation is elementwise and non-decreasing, so that it commutes with a maximum.
  package var isMonotonic: Bool { self != .softmax }

  /// Whether an op can apply the activation to its finished output: it is elementwise, and its derivative
  /// follows from the output.
  package var isFusable: Bool { self != .softmax }

  /// Computes `output = f(input)` over `[rows, columns]`; both may be the same memory.
  package func apply(
    rows: Int, columns: Int, _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
  ) {
    guard rows > 0, columns > 0 else { return }
    if UnsafePointer(output) != input { output.update(from: input, count: rows * columns) }
    if self == .softmax {
      ckernels_softmax_rows(output, Int64(rows), Int64(columns))
      return
    }
    ckernels_finish_rows(output, 1, Int64(rows * columns), Int64(rows * columns), nil, elementFunction)
  }

  /// Computes `inputGradient = outputGradient * f'` from the output; both gradients may be the same memory.
  package func gradient(
    rows: Int, columns: Int, output: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    into inputGradient: UnsafeMutablePointer<Float>
  ) {
    guard rows > 0, columns > 0 else { return }
    if self == .softmax {
      ckernels_softmax_gradient(output, outputGradient, Int64(rows), Int64(columns), inputGradient)
    } else {
      ckernels_activation_gradient(
        elementFunction, Int64(rows * columns), output, outputGradient, inputGradient)
    }
  }
}

extension Activation {
  /// The C function of an elementwise activation.
  ///
  /// - Precondition: not softmax.
  var elementFunction: ckernels_activation {
    precondition(self != .softmax, "softmax is not elementwise")
    return kernelFunction
  }
}
