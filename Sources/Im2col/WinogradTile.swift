/// A minimal filtering algorithm F(m x m, r x r): m x m outputs at a time under an r x r kernel.
///
/// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), section 4.
package struct WinogradTile: Sendable, Hashable {
  /// m: pixels along the side of a tile of outputs.
  package let outputs: Int
  /// r: taps along the side of the kernel.
  package let kernel: Int

  /// n: pixels along the side of a tile of inputs, and points at which polynomials are evaluated.
  package var points: Int { outputs + kernel - 1 }
  /// Products of a pair of channels for one tile.
  package var positions: Int { points * points }
  /// The multiplications that are left of the definition's.
  package var shareOfProducts: Double {
    Double(positions) / Double(outputs * outputs * kernel * kernel)
  }

  /// F(2x2, 3x3): 16 of 36 multiplications are left.
  package static let two = WinogradTile(outputs: 2, kernel: 3)
  /// F(4x4, 3x3): 36 of 144.
  package static let four = WinogradTile(outputs: 4, kernel: 3)
  /// F(2x2, 5x5): 36 of 100, at the same six points as F(4x4, 3x3).
  package static let twoByFive = WinogradTile(outputs: 2, kernel: 5)

  /// Every tile that the C kernels have, largest first.
  static let all = [four, two, twoByFive]

  /// Whether the tile computes this layer: its kernel, at stride 1 and without dilation.
  func fits(_ geometry: ConvolutionGeometry) -> Bool {
    [geometry.window.height, geometry.window.width].allSatisfy {
      $0.kernel == kernel && $0.stride == 1 && $0.dilation == 1
    }
  }

  /// Tiles of the whole batch.
  func count(_ geometry: ConvolutionGeometry) -> Int {
    geometry.batch * across(geometry.window.height.output) * across(geometry.window.width.output)
  }

  /// Tiles that cover so many outputs.
  func across(_ extent: Int) -> Int { (extent + outputs - 1) / outputs }

  /// As reports show it: by the side of the tile.
  var name: LoweringName { outputs == 2 ? .winograd2 : .winograd4 }
}
