import CKernels

/// A forward pass followed by the max pooling of its sums, for passes that do not pool by themselves.
///
///     input --pass--> sums of all images, shared --max pooling--> output, places --bias, activation--> output
///
/// A last stage pools bands of rows; bands of overlapping windows read common sums. The caller bounds the
/// number of images, so that the sums of a micro-batch stay in a core's cache.
struct PooledForward: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let pooling: WindowGeometry
  let product: any ConvolutionPass
  /// Pooled rows of one image.
  private let bands: EvenCut

  let stages: [Int]
  var scratchFloats: Int { product.scratchFloats }
  var sharedFloats: Int { sumFloats + product.sharedFloats }
  var multiplicationRatio: Double { product.multiplicationRatio }

  /// Scalars of the sums in whole cache lines, so that the memory after them is aligned.
  private var sumFloats: Int { CacheLine.rounded(geometry.outputCount) }

  /// - Parameters:
  ///   - pooling: the windows over the output of one image.
  ///   - product: the pass that computes the sums.
  init(_ geometry: ConvolutionGeometry, _ pooling: WindowGeometry, _ product: any ConvolutionPass) {
    (self.geometry, self.pooling, self.product) = (geometry, pooling, product)
    let bandsOfImage = max(1, TileRule.wantedUnits / max(1, geometry.batch))
    bands = EvenCut(
      pooling.height.output, atMost: (pooling.height.output + bandsOfImage - 1) / bandsOfImage)
    stages = product.stages + [geometry.batch * bands.count]
  }

  func run(stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>) {
    guard stage == product.stages.count else {
      let sums = PassOperands.forward(
        input: operands.input, kernel: operands.kernel, output: operands.shared,
        shared: operands.shared + sumFloats)
      return product.run(stage: stage, unit: unit, sums, scratch: scratch)
    }
    let (image, band) = unit.quotientAndRemainder(dividingBy: bands.count)
    pool(rows: bands[band], ofImage: image, operands)
  }

  private func pool(rows: Range<Int>, ofImage image: Int, _ operands: PassOperands) {
    let (height, width, channels) = (pooling.height, pooling.width, geometry.outputChannels)
    // The first row of sums that the band reads, and its padding.
    let top = rows.lowerBound * height.stride - height.before
    let firstRow = max(0, top)
    var band = pooling.kernelPooling(images: 1, channels: channels)
    band.input_height = Int64(height.input - firstRow)
    band.output_height = Int64(rows.count)
    band.pad_top = Int64(firstRow - top)
    let first = (image * height.output + rows.lowerBound) * width.output * channels
    ckernels_pool_product(
      &band, operands.shared + (image * height.input + firstRow) * width.input * channels,
      operands.result + first, operands.epilogue.places.map { $0 + first })
    operands.epilogue.finish(
      operands.result + first, rows: rows.count * width.output, channels: 0..<channels, stride: channels)
  }
}

extension WindowGeometry {
  /// Returns the windows of a pooling as an argument of the C kernels.
  ///
  /// - Parameter countsPadding: whether averages count the padding.
  package func kernelPooling(images: Int, channels: Int, countsPadding: Bool = false) -> ckernels_pooling {
    ckernels_pooling(
      images: Int64(images), channels: Int64(channels), input_height: Int64(height.input),
      input_width: Int64(width.input), output_height: Int64(height.output),
      output_width: Int64(width.output), window_height: Int64(height.kernel),
      window_width: Int64(width.kernel), stride_height: Int64(height.stride),
      stride_width: Int64(width.stride), dilation_height: Int64(height.dilation),
      dilation_width: Int64(width.dilation), pad_top: Int64(height.before), pad_bottom: Int64(height.after),
      pad_left: Int64(width.before), pad_right: Int64(width.after), counts_padding: countsPadding ? 1 : 0)
  }

  /// Whether neighboring windows are one pixel apart.
  var hasUnitStride: Bool { height.stride == 1 && width.stride == 1 }

  /// Whether all taps of a window are adjacent pixels.
  var hasUnitDilation: Bool { height.dilation == 1 && width.dilation == 1 }
}
