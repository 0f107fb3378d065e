import CKernels
import Im2col

extension Activation {
  /// Whether an op can apply the activation to its finished output: it is elementwise, and backward, if it
  /// runs, can compute the derivative from the output.
  package func isFusable(_ purpose: OpPurpose) -> Bool { isElementwise && !(needsInput && purpose.trains) }

  /// Computes `output = f(input)` over `[rows, columns]`; both may be the same memory.
  package func apply(
    rows: Int, columns: Int, _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
  ) {
    guard rows > 0, columns > 0 else { return }
    if UnsafePointer(output) != input { output.update(from: input, count: rows * columns) }
    guard isElementwise else {
      ckernels_softmax_rows(output, Int64(rows), Int64(columns))
      return
    }
    ckernels_finish_rows(output, 1, Int64(rows * columns), Int64(rows * columns), nil, elementFunction)
  }

  /// Computes `inputGradient = outputGradient * f'` over `[rows, columns]`; both gradients may be the same
  /// memory.
  ///
  /// - Parameter values: the output, or the input of a function that `Activation.needsInput`.
  package func gradient(
    rows: Int, columns: Int, values: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    into inputGradient: UnsafeMutablePointer<Float>
  ) {
    guard rows > 0, columns > 0 else { return }
    guard isElementwise else {
      ckernels_softmax_gradient(values, outputGradient, Int64(rows), Int64(columns), inputGradient)
      return
    }
    ckernels_activation_gradient(
      elementFunction, Int64(rows * columns), values, outputGradient, inputGradient)
  }
}

extension Activation {
  /// The C function of an elementwise activation.
  ///
  /// - Precondition: not softmax.
  var elementFunction: ckernels_activation {
    precondition(isElementwise, "softmax is not elementwise")
    return kernelFunction
  }
}
