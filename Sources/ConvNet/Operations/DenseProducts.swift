import CKernels
import Im2col

/// The three products of a dense layer:
///
///     output             [images x units]   = input   [images x inputs] * kernel [inputs x units]
///     kernel gradient    [inputs x units]  += input^T [inputs x images] * output gradient [images x units]
///     input gradient     [images x inputs]  = output gradient [images x units] * kernel^T [units x inputs]
///
/// Each product is divided into blocks along one axis of the kernel, which are distributed over the workers.
/// For a large kernel and few images, sgemm would spend most of its time packing the kernel; the *thin* loops
/// of `CKernels` read it once instead.
struct DenseProducts: Sendable {
  let inputs, units: Int
  /// The scratch budget of a worker, in scalars.
  let scratchBudget: Int

  /// The maximum number of columns in a block: keeps products small and gives a wide layer several blocks.
  private static let maxColumns = 512

  /// Floats in a SIMD vector.
  private static let vector = 16

  /// The number of scalars from which a kernel no longer fits a core's cache, so that packing is expensive.
  private static let largeKernel = 1 << 18

  /// Whether the time is dominated by reading the kernel.
  private func isThin(_ images: Int) -> Bool {
    images <= ckernels_thin_images && inputs >= DenseProducts.largeKernel / units
  }

  private func thin(_ images: Int, _ scratch: UnsafeMutablePointer<Float>) -> ckernels_thin_dense {
    ckernels_thin_dense(
      images: Int64(images), inputs: Int64(inputs), units: Int64(units), columns: Int64(thinColumns(images)),
      scratch: scratch)
  }

  /// Columns of the thin loops whose sums of all images are in scratch; two vectors at least, which fit the
  /// smallest budget.
  private func thinColumns(_ images: Int) -> Int {
    let pair = 2 * DenseProducts.vector
    let wanted = min(DenseProducts.maxColumns, (units + pair - 1) / pair * pair)
    return max(pair, min(wanted, scratchBudget / images / pair * pair))
  }

  /// Scalars of scratch per worker for up to this number of images.
  ///
  /// - Parameter gradients: whether the input gradient is computed.
  func scratchFloats(images: Int, gradients: Bool) -> Int {
    let thin = min(images, Int(ckernels_thin_images))
    return max(isThin(thin) ? thin * thinColumns(thin) : 0, gradients ? transposedFloats : 0)
  }

  /// For fewer images, transposing a block of the kernel costs more than it saves.
  private static let minTransposedImages = 4

  /// The columns of a block of the input gradient; as many as its transposed kernel leaves room for.
  private var gradientColumns: Int {
    let fitting = scratchBudget / units / DenseProducts.vector * DenseProducts.vector
    return fitting > 0 ? min(DenseProducts.maxColumns, fitting) : DenseProducts.maxColumns
  }

  /// The scalars of a block of the transposed kernel; 0 if not even a vector of columns fits the budget.
  private var transposedFloats: Int {
    let floats = min(gradientColumns, inputs) * units
    return floats <= scratchBudget ? floats : 0
  }

  /// Whether a block of the kernel is transposed first: OpenBLAS computes small products with a transposed
  /// right operand at half speed, and packs larger ones.
  private func transposesKernel(_ images: Int) -> Bool {
    images >= DenseProducts.minTransposedImages && transposedFloats > 0
      && images * gradientColumns <= TileRule.smallProduct / units
  }

  func forward(
    images: Int, _ input: UnsafePointer<Float>, kernel: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    _ activation: Activation, into output: UnsafeMutablePointer<Float>, _ context: ExecutionContext
  ) {
    let isThin = isThin(images)
    let columns = isThin ? thinColumns(images) : DenseProducts.maxColumns
    forEachBlock(of: units, atMost: columns, context) { columns, scratch in
      if isThin {
        var layer = thin(images, scratch)
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
    forEachBlock(of: inputs, context) { rows, scratch in
      if isThin {
        var layer = thin(images, scratch)
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

  func inputGradient(
    images: Int, outputGradient: UnsafePointer<Float>, kernel: UnsafePointer<Float>,
    into inputGradient: UnsafeMutablePointer<Float>, _ context: ExecutionContext
  ) {
    let (isThin, transposes) = (isThin(images), transposesKernel(images))
    let limit = transposes ? gradientColumns : DenseProducts.maxColumns
    forEachBlock(of: inputs, atMost: limit, context) { columns, scratch in
      if isThin {
        var layer = thin(images, scratch)
        ckernels_thin_input_gradient(
          &layer, Int64(columns.lowerBound), Int64(columns.count), outputGradient, kernel, inputGradient)
        return
      }
      let rows = kernel + columns.lowerBound * units
      if transposes {
        ckernels_transpose(
          rows, Int64(columns.count), Int64(units), Int64(units), scratch, Int64(columns.count))
      }
      BLAS.multiply(
        rows: images, columns: columns.count, k: units, BLAS.Matrix(outputGradient, rowStride: units),
        transposes
          ? BLAS.Matrix(scratch, rowStride: columns.count)
          : BLAS.Matrix(rows, rowStride: units, transposed: true),
        into: inputGradient + columns.lowerBound, rowStride: inputs, accumulate: false)
    }
  }

  private func forEachBlock(
    of count: Int, atMost limit: Int = DenseProducts.maxColumns, _ context: ExecutionContext,
    _ body: (Range<Int>, _ scratch: UnsafeMutablePointer<Float>) -> Void
  ) {
    let blocks = (count - 1) / limit + 1
    // A multiple of the vector length, as `limit` is, so that only the last block has a remainder.
    let width = ((count - 1) / blocks / DenseProducts.vector + 1) * DenseProducts.vector
    context.forEach((count - 1) / width + 1) { unit, scratch in
      body(unit * width..<min((unit + 1) * width, count), scratch)
    }
  }
}
