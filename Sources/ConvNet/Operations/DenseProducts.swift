import CKernels
import Im2col

/// The three products of a dense layer:
///
///     output         [images x units]   = input   [images x inputs] * kernel [inputs x units]
///     kernel grad    [inputs x units]  += input^T [inputs x images] * output gradient [images x units]
///     input grad     [images x inputs]  = output gradient [images x units] * kernel^T [units x inputs]
///
/// Each is cut into blocks of one side of the kernel, which the workers share. Where the kernel is large and the
/// images are few, most of sgemm's time would go into packing the kernel; `CKernels` has loops that go
/// through it once.
struct DenseProducts: Sendable {
  let inputs, units: Int

  /// Columns of one block: a chunk's products stay small, and several workers share a wide layer.
  private static let widestBlock = Int(ckernels_thin_columns)

  private static let vector = 16

  /// Kernels of fewer scalars than this stay in a core's cache, where packing costs little.
  private static let largeKernel = 1 << 18

  /// Whether the time goes into reading the kernel.
  private func isThin(_ images: Int) -> Bool {
    images <= ckernels_thin_images && inputs >= DenseProducts.largeKernel / units
  }

  private func thin(_ images: Int) -> ckernels_thin_dense {
    ckernels_thin_dense(images: Int64(images), inputs: Int64(inputs), units: Int64(units))
  }

  func forward(
    images: Int, _ input: UnsafePointer<Float>, kernel: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    _ activation: Activation, into output: UnsafeMutablePointer<Float>, _ context: ExecutionContext
  ) {
    let isThin = isThin(images)
    forEachBlock(of: units, context) { columns in
      if isThin {
        var layer = thin(images)
        ckernels_thin_forward(
          &layer, Int64(columns.lowerBound), Int64(columns.count), input, kernel, output)
      } else {
        BLAS.multiply(
          rows: images, columns: columns.count, k: inputs, BLAS.Matrix(input, rowStride: inputs),
          BLAS.Matrix(kernel + columns.lowerBound, rowStride: units),
          into: output + columns.lowerBound, rowStride: units, accumulate: false)
      }
      ckernels_finish_rows(
        output + columns.lowerBound, Int64(images), Int64(columns.count), Int64(units),
        bias.map { $0 + columns.lowerBound }, activation.elementFunction)
    }
  }

  func kernelGradient(
    images: Int, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    into kernelGradient: UnsafeMutablePointer<Float>, accumulate: Bool, _ context: ExecutionContext
  ) {
    let isThin = isThin(images)
    forEachBlock(of: inputs, context) { rows in
      if isThin {
        var layer = thin(images)
        ckernels_thin_kernel_gradient(
          &layer, Int64(rows.lowerBound), Int64(rows.count), input, outputGradient, kernelGradient,
          accumulate ? 1 : 0)
        return
      }
      BLAS.multiply(
        rows: rows.count, columns: units, k: images,
        BLAS.Matrix(input + rows.lowerBound, rowStride: inputs, transposed: true),
        BLAS.Matrix(outputGradient, rowStride: units),
        into: kernelGradient + rows.lowerBound * units, rowStride: units, accumulate: accumulate)
    }
  }

  /// - Parameter transposedKernel: `[units, inputs]`; nil to read the kernel across.
  func inputGradient(
    images: Int, outputGradient: UnsafePointer<Float>, kernel: UnsafePointer<Float>,
    transposedKernel: UnsafePointer<Float>?, into inputGradient: UnsafeMutablePointer<Float>,
    _ context: ExecutionContext
  ) {
    let isThin = isThin(images)
    forEachBlock(of: inputs, context) { columns in
      if isThin {
        var layer = thin(images)
        ckernels_thin_input_gradient(
          &layer, Int64(columns.lowerBound), Int64(columns.count), outputGradient, kernel, inputGradient)
        return
      }
      let right =
        transposedKernel.map { BLAS.Matrix($0 + columns.lowerBound, rowStride: inputs) }
        ?? BLAS.Matrix(kernel + columns.lowerBound * units, rowStride: units, transposed: true)
      BLAS.multiply(
        rows: images, columns: columns.count, k: units, BLAS.Matrix(outputGradient, rowStride: units),
        right,
        into: inputGradient + columns.lowerBound, rowStride: inputs, accumulate: false)
    }
  }

  private func forEachBlock(of count: Int, _ context: ExecutionContext, _ body: (Range<Int>) -> Void) {
    let cut = (count - 1) / DenseProducts.widestBlock + 1
    // Whole vectors, so that only the last block has a rest; no wider than the widest, which is whole vectors too.
    let width = ((count - 1) / cut / DenseProducts.vector + 1) * DenseProducts.vector
    context.forEach((count - 1) / width + 1) { unit, _ in body(unit * width..<min((unit + 1) * width, count))
    }
  }
}
