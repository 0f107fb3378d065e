import Im2col
import Testing

@Suite struct ConvolutionGeometryTests {
  @Test("LeNet-5's two convolutions")
  func leNet() throws {
    let first = try ConvolutionGeometry(input: [32, 28, 28, 1], kernel: [5, 5, 1, 6], padding: .same)
    #expect(first.outputShape == [32, 28, 28, 6])
    #expect((first.patchLength, first.pixels) == (25, 32 * 784))
    let second = try ConvolutionGeometry(input: [32, 14, 14, 6], kernel: [5, 5, 6, 16], padding: .valid)
    #expect(second.outputShape == [32, 10, 10, 16])
    #expect((second.patchLength, second.pixels) == (150, 3200))
    #expect(second.forwardFLOPs == 2 * 3200 * 150 * 16)
  }

  @Test("Every count of a grouped, strided, dilated case")
  func counts() throws {
    let geometry = try ConvolutionGeometry(
      input: [2, 11, 13, 6], kernel: [3, 2, 2, 9], stride: Size2D(height: 2, width: 3),
      dilation: Size2D(height: 1, width: 4), groups: 3,
      padding: .explicit(top: 1, bottom: 2, left: 0, right: 3))
    #expect(geometry.inputShape == [2, 11, 13, 6])
    #expect(geometry.kernelShape == [3, 2, 2, 9])
    #expect(geometry.outputShape == [2, 6, 4, 9])
    #expect((geometry.groupInputChannels, geometry.groupOutputChannels) == (2, 3))
    #expect((geometry.patchLength, geometry.pixelsPerImage, geometry.pixels) == (12, 24, 48))
    #expect((geometry.inputCount, geometry.kernelCount, geometry.outputCount) == (1716, 108, 432))
    #expect(geometry.withBatch(5).outputShape == [5, 6, 4, 9])
    #expect(geometry.withBatch(0).outputCount == 0)
  }

  @Test("Pointwise means exactly that the input is its own column matrix")
  func pointwise() throws {
    func geometry(
      kernel: Int = 1, stride: Size2D = 1, dilation: Size2D = 1, padding: Padding = .valid
    ) throws -> ConvolutionGeometry {
      try ConvolutionGeometry(
        input: [1, 5, 7, 3], kernel: [kernel, kernel, 3, 4], stride: stride, dilation: dilation,
        padding: padding)
    }
    #expect(try geometry().isPointwise)
    #expect(try geometry(padding: .same).isPointwise)
    #expect(try geometry(dilation: 3).isPointwise)
    #expect(try !geometry(kernel: 3, padding: .same).isPointwise)
    #expect(try !geometry(stride: Size2D(height: 1, width: 2)).isPointwise)
    #expect(try !geometry(padding: .explicit(top: 0, bottom: 0, left: 0, right: 1)).isPointwise)
    #expect(try !geometry(padding: .explicit(top: 1, bottom: 0, left: 0, right: 0)).isPointwise)
  }

  @Test("Depthwise means one input channel per group")
  func depthwise() throws {
    #expect(try ConvolutionGeometry(input: [1, 4, 4, 6], kernel: [3, 3, 1, 12], groups: 6).isDepthwise)
    #expect(try !ConvolutionGeometry(input: [1, 4, 4, 6], kernel: [3, 3, 2, 12], groups: 3).isDepthwise)
    #expect(try !ConvolutionGeometry(input: [1, 4, 4, 1], kernel: [3, 3, 1, 12]).isDepthwise)
  }
}
