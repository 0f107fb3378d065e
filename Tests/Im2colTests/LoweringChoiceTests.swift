import Im2col
import Testing

/// The lowering of each shape, which depends only on shape and options.
struct LoweringChoiceTests {
  struct Layer: Sendable, CustomStringConvertible {
    let description: String
    let input: [Int]
    let kernel: [Int]
    var stride: Size2D = 1
    var dilation: Size2D = 1
    var groups = 1
    /// Forward, input gradient, kernel gradient.
    let lowerings: [String]

    func geometry() throws -> ConvolutionGeometry {
      try ConvolutionGeometry(
        input: input, kernel: kernel, stride: stride, dilation: dilation, groups: groups, padding: .same)
    }
  }

  static func all(_ name: String) -> [String] { [name, name, name] }

  static let layers = [
    Layer(
      description: "1x1", input: [4, 56, 56, 64], kernel: [1, 1, 64, 256], lowerings: all("direct")),
    Layer(
      description: "1x1, small products", input: [4, 56, 56, 64], kernel: [1, 1, 64, 64],
      lowerings: all("gemm")),
    Layer(
      description: "1x1, stride 2", input: [4, 56, 56, 256], kernel: [1, 1, 256, 512], stride: 2,
      lowerings: ["direct", "im2col", "direct"]),
    Layer(
      description: "3x3, wide", input: [2, 56, 56, 64], kernel: [3, 3, 64, 64], lowerings: all("winograd4")),
    Layer(
      description: "3x3, wide, small image", input: [2, 14, 14, 512], kernel: [3, 3, 512, 512],
      lowerings: all("winograd4")),
    Layer(
      description: "3x3, wide, 16 tiles", input: [4, 7, 7, 512], kernel: [3, 3, 512, 512],
      lowerings: ["winograd4", "winograd4", "direct"]),
    Layer(
      description: "3x3, colors", input: [2, 224, 224, 3], kernel: [3, 3, 3, 64],
      lowerings: ["direct", "im2col", "direct"]),
    Layer(
      description: "3x3, few outputs", input: [2, 56, 56, 64], kernel: [3, 3, 64, 8],
      lowerings: ["direct", "direct", "im2col"]),
    Layer(
      description: "3x3, stride 2", input: [2, 56, 56, 64], kernel: [3, 3, 64, 64], stride: 2,
      lowerings: ["direct", "im2col", "direct"]),
    Layer(
      description: "3x3, dilated", input: [2, 56, 56, 64], kernel: [3, 3, 64, 64], dilation: 2,
      lowerings: all("direct")),
    Layer(
      description: "3x3, narrow groups", input: [2, 56, 56, 64], kernel: [3, 3, 8, 64], groups: 8,
      lowerings: ["direct", "direct", "im2col"]),
    Layer(
      description: "3x3, wide groups", input: [2, 56, 56, 64], kernel: [3, 3, 32, 64], groups: 2,
      lowerings: all("winograd4")),
    Layer(
      description: "5x5, wide", input: [8, 27, 27, 96], kernel: [5, 5, 96, 256], lowerings: all("winograd2")),
    Layer(
      description: "5x5, few inputs", input: [128, 14, 14, 6], kernel: [5, 5, 6, 16],
      lowerings: ["direct", "im2col", "im2col"]
    ),
    Layer(
      description: "3x3, wide, tiny image", input: [1, 4, 4, 512], kernel: [3, 3, 512, 512],
      lowerings: all("direct")),
    Layer(
      description: "depthwise", input: [2, 56, 56, 64], kernel: [3, 3, 1, 64], groups: 64,
      lowerings: all("depthwise")),
    Layer(
      description: "depthwise, stride 2", input: [2, 57, 55, 33], kernel: [5, 3, 1, 33], stride: 2,
      groups: 33,
      lowerings: all("depthwise")),
    Layer(
      description: "depthwise, two outputs per channel", input: [2, 28, 28, 32], kernel: [3, 3, 1, 64],
      groups: 32, lowerings: all("im2col")),
    Layer(
      description: "1x7", input: [1, 17, 17, 192], kernel: [1, 7, 192, 192], lowerings: all("direct")),
    Layer(
      description: "LeNet-5's first", input: [128, 28, 28, 1], kernel: [5, 5, 1, 6],
      lowerings: ["direct", "im2col", "direct"]),
  ]

  @Test(arguments: layers)
  func automatic(_ layer: Layer) throws {
    #expect(try chosen(layer, .automatic) == layer.lowerings)
  }

  @Test("direct computes every forward pass and every kernel gradient", arguments: layers)
  func direct(_ layer: Layer) throws {
    let chosen = try chosen(layer, .direct)
    #expect(chosen[0] == "direct" && chosen[2] == "direct")
  }

  @Test("im2col excludes every other lowering", arguments: layers)
  func columns(_ layer: Layer) throws {
    let expected = try layer.geometry().isPointwise ? "gemm" : "im2col"
    #expect(try chosen(layer, .im2col) == [expected, expected, expected])
  }

  private func chosen(_ layer: Layer, _ lowering: Lowering) throws -> [String] {
    let (geometry, settings) = (try layer.geometry(), PassSettings(lowering: lowering))
    return [
      ConvolutionPlan.forward(geometry, settings), ConvolutionPlan.inputGradient(geometry, settings),
      ConvolutionPlan.kernelGradient(geometry, settings),
    ].map(\.loweringName.rawValue)
  }
}
