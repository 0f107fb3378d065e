/// A minimal filtering algorithm: F(m x m, r x r), m x m outputs at a time for an r x r kernel, or F(m, r), m
/// outputs of a line at a time for a kernel of r x 1 or 1 x r.
///
/// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), section 4.
package struct WinogradTile: Sendable, Hashable {
  /// m: the side of a tile of outputs, in pixels.
  package let outputs: Int
  /// r: the side of the kernel, in taps.
  package let kernel: Int
  /// Whether tile and kernel are lines.
  package var isLine = false

  /// n: the side of a tile of inputs in pixels, and the number of points at which polynomials are evaluated.
  package var points: Int { outputs + kernel - 1 }
  /// The number of products of a pair of channels for one tile.
  package var positions: Int { isLine ? points : points * points }
  /// The multiplications as a fraction of those of the direct sum.
  package var multiplicationRatio: Double {
    let side = outputs * kernel
    return Double(positions) / Double(isLine ? side : side * side)
  }

  /// F(2x2, 3x3): 16 multiplications instead of 36.
  package static let two = WinogradTile(outputs: 2, kernel: 3)
  /// F(4x4, 3x3): 36 instead of 144.
  package static let four = WinogradTile(outputs: 4, kernel: 3)
  /// F(2x2, 5x5): 36 instead of 100, at the same six points as F(4x4, 3x3).
  package static let twoByFive = WinogradTile(outputs: 2, kernel: 5)
  /// F(4, 3): 6 instead of 12.
  package static let lineOfThree = WinogradTile(outputs: 4, kernel: 3, isLine: true)
  /// F(4, 5): 8 instead of 20.
  package static let lineOfFive = WinogradTile(outputs: 4, kernel: 5, isLine: true)
  /// F(2, 7): 8 instead of 14.
  package static let lineOfSeven = WinogradTile(outputs: 2, kernel: 7, isLine: true)

  /// Whether the tile supports this layer: its kernel size, at stride 1. A layer with dilation is several
  /// layers without, on interleaved subimages.
  func fits(_ geometry: ConvolutionGeometry) -> Bool {
    let (rows, columns) = axes(geometry)
    return geometry.window.hasUnitStride && rows.kernel == kernel && columns.kernel == (isLine ? 1 : kernel)
  }

  /// Returns the axes of the images along the rows and the columns of a tile. A line is one column, so the
  /// axes are exchanged for a kernel of one row.
  ///
  ///     kernel 3x1    height, width        kernel 1x3    width, height
  func axes(_ geometry: ConvolutionGeometry) -> (rows: AxisGeometry, columns: AxisGeometry) {
    let (height, width) = (geometry.window.height, geometry.window.width)
    return isLine && height.kernel == 1 ? (width, height) : (height, width)
  }

  /// Returns the number of tiles of the batch.
  func count(_ geometry: ConvolutionGeometry) -> Int {
    let ((rows, columns), (down, across)) = (axes(geometry), grid(geometry))
    return geometry.batch * rows.dilation * columns.dilation * down * across
  }

  /// Returns the number of tiles that cover the outputs of the largest subimage along the axes of a tile.
  func grid(_ geometry: ConvolutionGeometry) -> (down: Int, across: Int) {
    func count(_ axis: AxisGeometry, _ side: Int) -> Int {
      let ofSubimage = (axis.output + axis.dilation - 1) / axis.dilation
      return (ofSubimage + side - 1) / side
    }
    let (rows, columns) = axes(geometry)
    return (count(rows, outputs), count(columns, isLine ? 1 : outputs))
  }
}
