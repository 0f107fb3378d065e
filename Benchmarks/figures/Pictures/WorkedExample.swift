import Im2col

/// The 4x4 image, the 3x3 kernel and the output gradient that the articles compute by hand.
struct WorkedExample {
  let image: Tensor
  let kernel: Tensor
  /// The gradient of a loss with respect to the four outputs.
  let outputGradient: Tensor
  let geometry: ConvolutionGeometry

  init() throws {
    image = try Tensor(shape: [1, 4, 4, 1], scalars: [1, 2, 0, 1, 3, 1, 1, 0, 0, 2, 4, 1, 1, 0, 2, 3])
    kernel = try Tensor(shape: [3, 3, 1, 1], scalars: [1, 0, -1, 1, 0, -1, 1, 0, -1])
    outputGradient = try Tensor(shape: [1, 2, 2, 1], scalars: [1, -1, 0, 2])
    geometry = try ConvolutionGeometry(input: image.shape, kernel: kernel.shape, padding: .valid)
  }

  /// A color for each of the four windows.
  static let inks: [(line: Ink, tint: Ink)] = [
    (.blue, .blueTint), (.orange, .orangeTint), (.green, .greenTint), (.red, .redTint),
  ]

  /// The rows and columns of the image that window `index` covers.
  static func window(_ index: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    (index / 2..<index / 2 + 3, index % 2..<index % 2 + 3)
  }
}
