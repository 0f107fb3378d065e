import CKernels

/// Input gradient by scattering: the gradient of each window is a row of the column matrix, and col2im adds
/// the rows to the input positions that the windows read.
///
///     output gradient [pixels x outputChannels] * kernel, transposed [outputChannels x slice of K]
///         --> tile of columns --col2im--> added to the input gradient
///
/// Windows overlap, so a unit owns everything that it adds to: the channels of one group in one image, or a
/// block of these channels if there are few images. A first stage transposes the kernel once per call, slice
/// by slice.
package struct Col2imInputGradient: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let channelBlocks: EvenCut
  let tiles: EvenCut
  /// The slices of K for each block of channels, in the order of the transposed kernel.
  let slices: [[ColumnSlice]]
  /// Whether each window is one pixel, so that products are gradients of pixels and need no columns.
  private let isInPlace: Bool

  package let stages: [Int]
  package let scratchFloats: Int
  package var sharedFloats: Int { geometry.kernelCount }

  package init(_ problem: ConvolutionProblem) {
    let geometry = problem.geometry
    self.geometry = geometry
    let wantedBlocks = max(1, TileRule.wantedUnits / max(1, geometry.batch * geometry.groups))
    let blocks = EvenCut(
      geometry.groupInputChannels,
      atMost: max(
        TileRule.minBlockChannels / 2, (geometry.groupInputChannels + wantedBlocks - 1) / wantedBlocks))
    let (taps, width) = (geometry.window.taps, geometry.window.width)
    let tile = TileRule.tile(
      pixels: geometry.pixelsPerImage, patchLength: taps * blocks.size,
      outputChannels: geometry.groupOutputChannels, budget: problem.scratchFloats)
    isInPlace = taps == 1 && [geometry.window.height, width].allSatisfy { $0.before == 0 && $0.after <= 0 }
    // In place, a tile is a row of outputs, and a slice is small enough that sgemm does not pack it each time.
    let small = TileRule.smallProduct / max(1, width.output * geometry.groupOutputChannels)
    let length = isInPlace ? max(TileRule.minSlice, small) : tile.patchLength
    channelBlocks = blocks
    tiles = EvenCut(geometry.pixelsPerImage, atMost: isInPlace ? width.output : tile.rows)
    slices = blocks.ranges.map { ColumnSlice.cut(taps: taps, channels: $0, atMost: length) }
    stages = [geometry.groups * blocks.count, geometry.batch * geometry.groups * blocks.count]
    scratchFloats = isInPlace ? 0 : tiles.size * (slices.joined().map(\.count).max() ?? 0)
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let (rest, block) = unit.quotientAndRemainder(dividingBy: channelBlocks.count)
    let (image, group) = rest.quotientAndRemainder(dividingBy: geometry.groups)
    if stage == 0 {
      transposeKernel(group: group, block: block, operands)
    } else {
      scatter(image: image, group: group, block: block, operands, scratch: scratch)
    }
  }

  /// Returns the start of the transposed kernel of a block of channels.
  private func transposedKernel(group: Int, block: Int, _ operands: PassOperands) -> UnsafeMutablePointer<
    Float
  > {
    let channels = group * geometry.groupInputChannels + channelBlocks[block].lowerBound
    return operands.shared + channels * geometry.window.taps * geometry.groupOutputChannels
  }

  /// Transposes `[K, outputChannels]` to `[outputChannels, slice]`, one slice after the other.
  private func transposeKernel(group: Int, block: Int, _ operands: PassOperands) {
    var target = transposedKernel(group: group, block: block, operands)
    let outputs = geometry.groupOutputChannels
    for slice in slices[block] {
      for (index, tap) in slice.taps.enumerated() {
        let k = tap * geometry.groupInputChannels + slice.channels.lowerBound
        ckernels_transpose(
          operands.kernel + k * geometry.outputChannels + group * outputs, Int64(slice.channels.count),
          Int64(outputs), Int64(geometry.outputChannels), target + index * slice.channels.count,
          Int64(slice.count))
      }
      target += outputs * slice.count
    }
  }

  private func scatter(
    image: Int, group: Int, block: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let firstOfGroup = group * geometry.groupInputChannels
    let outputs = geometry.groupOutputChannels
    clear(image: image, channels: channelBlocks[block], firstOfGroup: firstOfGroup, operands.result)

    let (height, width, imagePixels) = (
      geometry.window.height, geometry.window.width, image * geometry.pixelsPerImage
    )
    for tile in 0..<tiles.count {
      let pixels = imagePixels + tiles[tile].lowerBound..<imagePixels + tiles[tile].upperBound
      let row = (image * height.input + tile * height.stride) * width.input * geometry.inputChannels
      var kernel = transposedKernel(group: group, block: block, operands)
      for slice in slices[block] {
        let pixel = row + firstOfGroup + slice.channels.lowerBound
        BLAS.multiply(
          rows: pixels.count, columns: slice.count, k: outputs,
          BLAS.Matrix(
            operands.outputGradient + pixels.lowerBound * geometry.outputChannels + group * outputs,
            rowStride: geometry.outputChannels),
          BLAS.Matrix(kernel, rowStride: slice.count), into: isInPlace ? operands.result + pixel : scratch,
          rowStride: isInPlace ? width.stride * geometry.inputChannels : slice.count, accumulate: false
        )
        if !isInPlace {
          withUnsafePointer(to: geometry.kernelWindow) { window in
            var columns = slice.block(pixels: pixels, firstChannelOfGroup: firstOfGroup)
            ckernels_col2im_pixels(window, &columns, scratch, operands.result)
          }
        }
        kernel += outputs * slice.count
      }
    }
  }

  private func clear(
    image: Int, channels: Range<Int>, firstOfGroup: Int, _ inputGradient: UnsafeMutablePointer<Float>
  ) {
    let pixels = geometry.window.height.input * geometry.window.width.input
    ckernels_clear_rows(
      inputGradient + image * pixels * geometry.inputChannels + firstOfGroup + channels.lowerBound,
      Int64(pixels), Int64(channels.count), Int64(geometry.inputChannels))
  }
}
