import CKernels
import Im2col

/// The three products of a dense layer:
///
///     output         [images x units]   = input   [images x inputs] * kernel [inputs x units]
///     kernel grad    [inputs x units]  += input^T [inputs x images] * output gradient [images x units]
///     input grad     [images x inputs]  = output gradient [images x units] * kernel^T [units x inputs]
///
/// Each is cut into blocks of one side of the kernel, which the workers share.
struct DenseProducts: Sendable {
  let inputs, units: Int

  /// Columns of one block: a chunk's products stay small, and several workers share a wide layer.
  private static let widestBlock = 512

  func forward(
    images: Int, _ input: UnsafePointer<Float>, kernel: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    _ activation: Activation, into output: UnsafeMutablePointer<Float>, _ hands: Hands
  ) {
    forEachBlock(of: units, hands) { columns in
      BLAS.multiply(
        rows: images, columns: columns.count, terms: inputs, BLAS.Matrix(input, rowStride: inputs),
        BLAS.Matrix(kernel + columns.lowerBound, rowStride: units),
        into: output + columns.lowerBound, rowStride: units, accumulate: false)
      ckernels_finish_rows(
        output + columns.lowerBound, Int64(images), Int64(columns.count), Int64(units),
        bias.map { $0 + columns.lowerBound }, activation.elementFunction)
    }
  }

  func kernelGradient(
    images: Int, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    into kernelGradient: UnsafeMutablePointer<Float>, accumulate: Bool, _ hands: Hands
  ) {
    forEachBlock(of: inputs, hands) { rows in
      BLAS.multiply(
        rows: rows.count, columns: units, terms: images,
        BLAS.Matrix(input + rows.lowerBound, rowStride: inputs, transposed: true),
        BLAS.Matrix(outputGradient, rowStride: units),
        into: kernelGradient + rows.lowerBound * units, rowStride: units, accumulate: accumulate)
    }
  }

  /// - Parameter transposedKernel: `[units, inputs]`; nil to read the kernel across.
  func inputGradient(
    images: Int, outputGradient: UnsafePointer<Float>, kernel: UnsafePointer<Float>,
    transposedKernel: UnsafePointer<Float>?, into inputGradient: UnsafeMutablePointer<Float>, _ hands: Hands
  ) {
    forEachBlock(of: inputs, hands) { columns in
      let right =
        transposedKernel.map { BLAS.Matrix($0 + columns.lowerBound, rowStride: inputs) }
        ?? BLAS.Matrix(kernel + columns.lowerBound * units, rowStride: units, transposed: true)
      BLAS.multiply(
        rows: images, columns: columns.count, terms: units, BLAS.Matrix(outputGradient, rowStride: units),
        right,
        into: inputGradient + columns.lowerBound, rowStride: inputs, accumulate: false)
    }
  }

  private func forEachBlock(of count: Int, _ hands: Hands, _ body: (Range<Int>) -> Void) {
    let cut = (count - 1) / DenseProducts.widestBlock + 1
    hands.forEach(cut) { unit, _ in body(unit * count / cut..<(unit + 1) * count / cut) }
  }
}
