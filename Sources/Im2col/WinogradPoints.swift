/// Where a transformed block lies in memory: `[position][row][channel]`.
///
/// Positions are an odd number of cache lines apart. At a power of two, all positions of a row would fall into one
/// set of the first cache level, which a transform writes side by side.
struct WinogradPoints {
  var start: UnsafeMutablePointer<Float>
  let positionStep: Int
  let rowStep: Int

  /// Memory for so many rows of so many channels, both whole.
  init(_ start: UnsafeMutablePointer<Float>, rows: Int, channels: Int) {
    self.start = start
    rowStep = channels
    positionStep = WinogradPoints.positionStep(rows: rows, channels: channels)
  }

  /// Scalars that all positions take.
  static func room(_ tile: WinogradTile, rows: Int, channels: Int) -> Int {
    tile.positions * positionStep(rows: rows, channels: channels)
  }

  private static func positionStep(rows: Int, channels: Int) -> Int {
    (CacheLine.rounded(rows * channels) / CacheLine.floats | 1) * CacheLine.floats
  }

  /// The part that begins at a row and a channel.
  func from(row: Int, channel: Int = 0) -> WinogradPoints {
    var part = self
    part.start += row * rowStep + channel
    return part
  }

  /// One position as a factor of a product.
  func matrix(_ position: Int, transposed: Bool = false) -> BLAS.Matrix {
    BLAS.Matrix(start + position * positionStep, rowStride: rowStep, transposed: transposed)
  }
}
