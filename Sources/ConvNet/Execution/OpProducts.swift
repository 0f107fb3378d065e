import Im2col

/// The sizes of the matrix products that an op is equivalent to, for comparison with sgemm.
package struct OpProducts: Sendable {
  /// `[rows, k] * [k, columns]`; a transposed operand is stored with its axes exchanged.
  package struct Product: Sendable, Hashable {
    package let rows, columns, k: Int
    package var leftTransposed = false
    package var rightTransposed = false
  }

  package let forward, kernelGradient: Product
  /// nil where nothing before the input is trained.
  package let inputGradient: Product?

  /// Returns the products of every op of a graph; nil for an op without products.
  ///
  /// - Parameter images: the number of images of a run.
  package static func all(
    of graph: OpGraph, _ images: OpSettings.Images, options: ComputeOptions
  ) -> [OpProducts?] {
    zip(graph.ops, graph.makeOps(images, options: options)).map { planned, op in
      let needsInputGradient = planned.inputs.contains { graph.needsGradient[$0] }
      return switch op {
      case let op as DenseOp: OpProducts(op, images: images.maxCount, needsInputGradient)
      case let op as ConvolutionOp: OpProducts(op.passes, needsInputGradient)
      default: nil
      }
    }
  }

  private init(_ op: DenseOp, images: Int, _ needsInputGradient: Bool) {
    let (inputs, units) = (op.descriptor.inputs, op.descriptor.units)
    forward = Product(rows: images, columns: units, k: inputs)
    kernelGradient = Product(rows: inputs, columns: units, k: images, leftTransposed: true)
    inputGradient =
      needsInputGradient ? Product(rows: images, columns: inputs, k: units, rightTransposed: true) : nil
  }

  /// A block of images, cut to the number of pixels that OpenBLAS multiplies without packing.
  private init(_ passes: ConvolutionPasses, _ needsInputGradient: Bool) {
    let geometry = passes.geometry
    let (k, outputs) = (geometry.patchLength, geometry.groupOutputChannels)
    let pixels = max(
      1, min(passes.imagesPerBlock * geometry.pixelsPerImage, TileRule.smallProduct / (k * outputs)))
    forward = Product(rows: pixels, columns: outputs, k: k)
    kernelGradient = Product(rows: k, columns: outputs, k: pixels, leftTransposed: true)
    inputGradient = needsInputGradient ? Product(rows: pixels, columns: k, k: outputs) : nil
  }
}
