/// A transformed block in memory: `[position][row][channel]`.
///
/// Positions are an odd number of cache lines apart. A transform writes all positions of a row together; at a
/// power of two, they would all map to the same set of the first-level cache.
struct WinogradPoints {
  var start: UnsafeMutablePointer<Float>
  let positionStep: Int
  let rowStep: Int
  /// Whether the block is written past the caches.
  let streams: Bool

  /// Creates a block of whole rows with all their channels.
  init(_ start: UnsafeMutablePointer<Float>, rows: Int, channels: Int, streams: Bool = false) {
    (self.start, self.streams) = (start, streams)
    rowStep = channels
    positionStep = WinogradPoints.positionStep(rows: rows, channels: channels)
  }

  /// Returns the number of scalars of all positions.
  static func scalarCount(_ tile: WinogradTile, rows: Int, channels: Int) -> Int {
    tile.positions * positionStep(rows: rows, channels: channels)
  }

  /// Returns the distance between two positions.
  static func positionStep(rows: Int, channels: Int) -> Int {
    (CacheLine.rounded(rows * channels) / CacheLine.floats | 1) * CacheLine.floats
  }

  /// The maximum number of scalars between two positions that hold nothing.
  static let maxPadding = 2 * CacheLine.floats - 1

  /// Returns the part of the block that begins at a row and a channel.
  func from(row: Int, channel: Int = 0) -> WinogradPoints {
    var part = self
    part.start += row * rowStep + channel
    return part
  }

  /// Returns one position as a factor of a product.
  func matrix(_ position: Int, transposed: Bool = false) -> BLAS.Matrix {
    BLAS.Matrix(start + position * positionStep, rowStride: rowStep, transposed: transposed)
  }
}
