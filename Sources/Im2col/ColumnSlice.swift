import CKernels

/// A stretch of the column matrix' *K* axis: some taps, by some channels of the group.
///
/// K runs over taps and, within a tap, over channels. A slice is either several whole taps or a part
/// of one tap's channels, so that it is a contiguous run of K and of the kernel's rows:
///
///     K       |  tap 0   |  tap 1   |  tap 2   |  tap 3   |
///     slices  [       whole taps    ] [       whole taps  ]      room for two taps
///     slices  [ c ][ c ] [ c ][ c ] [ c ][ c ] [ c ][ c ]        room for half a tap
struct ColumnSlice: Sendable, Hashable {
  /// Taps, counted row by row.
  let taps: Range<Int>
  /// Channels within the group.
  let channels: Range<Int>
  /// Length of the slice.
  var count: Int { taps.count * channels.count }

  /// Cuts taps by channels into slices of at most `length` (and at least one) each.
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

  /// Where the slice begins on an axis whose taps hold `channelsPerTap` channels.
  func start(channelsPerTap: Int) -> Int { taps.lowerBound * channelsPerTap + channels.lowerBound }

  /// The slice over some pixels and for one group, as the C kernels take it.
  func block(pixels: Range<Int>, firstChannelOfGroup: Int) -> ckernels_column_block {
    ckernels_column_block(
      first_pixel: Int64(pixels.lowerBound), pixel_count: Int64(pixels.count),
      first_tap: Int64(taps.lowerBound), tap_count: Int64(taps.count),
      first_channel: Int64(firstChannelOfGroup + channels.lowerBound), channel_count: Int64(channels.count))
  }
}
