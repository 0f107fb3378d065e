import CKernels
import Im2col

extension Activation {
  /// Whether it keeps the order of numbers and works on each alone, so that it may change places with a maximum.
  package var isMonotonic: Bool { self != .softmax }

  /// `output = f(input)` over `[rows, columns]`; the two may be the same memory.
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

  /// `inputGradient = outputGradient * f'`, told from the output; the gradients may be the same memory.
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
  /// The function for the C kernels where it is all that happens to a number, so that softmax, which needs
  /// whole rows, must not come.
  var elementFunction: ckernels_function {
    precondition(self != .softmax, "softmax works on rows")
    return kernelFunction
  }
}
