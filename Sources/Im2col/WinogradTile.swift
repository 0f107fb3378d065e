/// A minimal filtering algorithm F(m x m, r x r): m x m outputs at a time for an r x r kernel.
///
/// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), section 4.
package struct WinogradTile: Sendable, Hashable {
  /// m: the side of a tile of outputs, in pixels.
  package let outputs: Int
  /// r: the side of the kernel, in taps.
  package let kernel: Int

  /// n: the side of a tile of inputs in pixels, and the number of points at which polynomials are evaluated.
  package var points: Int { outputs + kernel - 1 }
  /// The number of products of a pair of channels for one tile.
  package var positions: Int { points * points }
  /// The multiplications as a fraction of those of the direct sum.
  package var multiplicationRatio: Double {
    Double(positions) / Double(outputs * outputs * kernel * kernel)
  }

  /// F(2x2, 3x3): 16 multiplications instead of 36.
  package static let two = WinogradTile(outputs: 2, kernel: 3)
  /// F(4x4, 3x3): 36 instead of 144.
  package static let four = WinogradTile(outputs: 4, kernel: 3)
  /// F(2x2, 5x5): 36 instead of 100, at the same six points as F(4x4, 3x3).
  package static let twoByFive = WinogradTile(outputs: 2, kernel: 5)

  /// Every tile that the C kernels support, largest first.
  static let all = [four, two, twoByFive]

  /// Whether the tile supports this layer: its kernel size, at stride 1. A layer with dilation is several
  /// layers without, on interleaved subimages.
  func fits(_ geometry: ConvolutionGeometry) -> Bool {
    [geometry.window.height, geometry.window.width].allSatisfy { $0.kernel == kernel && $0.stride == 1 }
  }

  /// Returns the number of tiles of the batch.
  func count(_ geometry: ConvolutionGeometry) -> Int {
    let (height, width) = (geometry.window.height, geometry.window.width)
    return geometry.batch * height.dilation * width.dilation * across(height) * across(width)
  }

  /// Returns the number of tiles that cover the outputs of the largest subimage along one axis.
  func across(_ axis: AxisGeometry) -> Int {
    let ofSubimage = (axis.output + axis.dilation - 1) / axis.dilation
    return (ofSubimage + outputs - 1) / outputs
  }
}
