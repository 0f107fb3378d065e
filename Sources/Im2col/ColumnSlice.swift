import CKernels

/// A contiguous range of the *K* axis of the column matrix: some taps by some channels of the group.
///
/// K runs over taps and, within a tap, over channels. A slice is either several whole taps or some of the
/// channels of one tap, so it is a contiguous range of K and of the rows of the kernel:
///
///     K       |  tap 0   |  tap 1   |  tap 2   |  tap 3   |
///     slices  [       whole taps    ] [       whole taps  ]      room for two taps
///     slices  [ c ][ c ] [ c ][ c ] [ c ][ c ] [ c ][ c ]        room for half a tap
struct ColumnSlice: Sendable, Hashable {
  /// Taps, numbered row by row.
  let taps: Range<Int>
  /// Channels within the group.
  let channels: Range<Int>
  /// The length of the slice along K.
  var count: Int { taps.count * channels.count }

  /// Splits taps by channels into slices of length 1 to `length`.
  static func cut(taps: Int, channels: Range<Int>, atMost length: Int) -> [ColumnSlice] {
    if channels.count <= length {
      return EvenCut(taps, atMost: length / channels.count).ranges.map {
        ColumnSlice(taps: $0, channels: channels)
      }
    }
    let parts = EvenCut(channels.count, atMost: length).ranges
    return (0..<taps).flatMap { tap in
      parts.map {
        ColumnSlice(
          taps: tap..<tap + 1,
          channels: channels.lowerBound + $0.lowerBound..<channels.lowerBound + $0.upperBound)
      }
    }
  }

  /// Returns the start of the slice on an axis with `channelsPerTap` channels per tap.
  func start(channelsPerTap: Int) -> Int { taps.lowerBound * channelsPerTap + channels.lowerBound }

  /// Returns the slice for some pixels and one group, as an argument of the C kernels.
  func block(pixels: Range<Int>, firstChannelOfGroup: Int) -> ckernels_column_block {
    ckernels_column_block(
      first_pixel: Int64(pixels.lowerBound), pixel_count: Int64(pixels.count),
      first_tap: Int64(taps.lowerBound), tap_count: Int64(taps.count),
      first_channel: Int64(firstChannelOfGroup + channels.lowerBound), channel_count: Int64(channels.count))
  }

  /// Returns the factor `[pixels, slice]` of one group: gathered into scratch, or the input itself if the
  /// convolution is pointwise.
  func columns(
    of geometry: ConvolutionGeometry, gathers: Bool, group: Int, pixels: Range<Int>,
    input: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>, transposed: Bool = false
  ) -> BLAS.Matrix {
    let firstOfGroup = group * geometry.groupInputChannels
    if !gathers {
      return BLAS.Matrix(
        input + pixels.lowerBound * geometry.inputChannels + firstOfGroup + channels.lowerBound,
        rowStride: geometry.inputChannels, transposed: transposed)
    }
    withUnsafePointer(to: geometry.kernelWindow) { window in
      var block = block(pixels: pixels, firstChannelOfGroup: firstOfGroup)
      ckernels_im2col_pixels(window, &block, input, scratch)
    }
    return BLAS.Matrix(scratch, rowStride: count, transposed: transposed)
  }
}
