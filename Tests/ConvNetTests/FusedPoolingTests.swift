import ConvNet
import Im2col
import Testing

/// A fused convolution, bias, activation and max pooling against the separate functions.
@Suite("Fused convolution and pooling")
struct FusedPoolingTests {
  struct Case: CustomStringConvertible, Sendable {
    let input: [Int]
    let filters: Int
    let window: Size2D
    let stride: Size2D
    var padding = Padding.valid
    var activation = Activation.relu

    var description: String {
      "\(input) to \(filters), window \(window) stride \(stride) \(padding) \(activation)"
    }
  }

  static let cases: [Case] = [
    // One channel and few filters: planes of pixels, with rows of 13, 8 and 3 maxima.
    Case(input: [11, 28, 1], filters: 6, window: 2, stride: 2),
    Case(input: [9, 18, 1], filters: 3, window: 2, stride: 2, activation: .tanh),
    Case(input: [8, 9, 1], filters: 5, window: 2, stride: 2, activation: .identity),
    // Several channels.
    Case(input: [10, 9, 3], filters: 16, window: 2, stride: 2),
    Case(input: [9, 11, 2], filters: 19, window: 2, stride: 2, activation: .sigmoid),
    // Other windows: overlapping, padded, with gaps.
    Case(input: [9, 12, 1], filters: 4, window: 3, stride: 2),
    Case(input: [9, 12, 3], filters: 17, window: 3, stride: 2, padding: .same),
    Case(input: [9, 12, 1], filters: 4, window: 2, stride: 3),
  ]

  @Test("agrees with the separate functions", arguments: cases, ExecutionSchedule.allCases)
  func agrees(_ test: Case, schedule: ExecutionSchedule) throws {
    let (batch, classes) = (5, 3)
    let layers: [Block] = [
      .convolution(filters: test.filters, kernel: 3, activation: test.activation, name: "conv"),
      .maxPooling(window: test.window, stride: test.stride, padding: test.padding), .flatten,
      .dense(units: classes, name: "dense"),
    ]
    let model = try Sequential(inputShape: test.input, layers: layers, seed: 31)
    model.forcedSchedule = schedule
    try model.compile(options: ComputeOptions(workers: Workers(2)))
    let x = try RandomImages.tensor([batch] + test.input, seed: 32)
    let y = try RandomImages.labels(batch, classes: classes, seed: 33)
    let named = model.parameterTensors.map(\.tensor)
    let (kernel, bias, denseKernel, denseBias) = (named[0], named[1], named[2], named[3])

    let a = try convolve(x, kernel: kernel, bias: bias, activation: test.activation, padding: .valid)
    let p = try pool(a, .max, window: test.window, stride: test.stride, padding: test.padding)
    let features = p.count / batch
    let flat = try p.reshaped(to: [batch, features])
    let logits = try dense(flat, kernel: denseKernel, bias: denseBias)
    try expectClose(try model.predict(x), logits, "the output", test)

    let loss = try softmaxCrossEntropy(logits: logits, labels: y)
    let head = try denseGradients(of: loss.gradient, input: flat, kernel: denseKernel)
    let dP = try head.input.reshaped(to: p.shape)
    let dA = try poolingGradient(
      of: dP, input: a, .max, window: test.window, stride: test.stride, padding: test.padding)
    let dZ = try activationGradient(of: dA, output: a, test.activation)
    let first = try convolutionGradients(of: dZ, input: x, kernel: kernel, padding: .valid)
    let (score, gradient) = try model.gradients(x, y)
    #expect(abs(score.loss - loss.loss) < 1e-5)
    let expected = first.kernel.scalars + first.bias.scalars + head.kernel.scalars + head.bias.scalars
    try expectClose(
      Tensor(shape: [gradient.count], scalars: gradient), Tensor(shape: [expected.count], scalars: expected),
      "the gradient", test)
  }

  private func expectClose(_ actual: Tensor, _ expected: Tensor, _ what: String, _ test: Case) throws {
    #expect(actual.shape == expected.shape)
    let scale = max(1e-3, expected.scalars.map(abs).max() ?? 0)
    for (index, pair) in zip(actual.scalars, expected.scalars).enumerated()
    where !(abs(pair.0 - pair.1) <= 2e-5 * scale) {
      Issue.record("\(what) of \(test), element \(index): \(pair.0), expected \(pair.1)")
      return
    }
  }

  @Test("NaN propagates through the fused maximum", arguments: [1, 3])
  func notANumber(channels: Int) throws {
    let layers: [Block] = [
      .convolution(filters: channels == 1 ? 4 : 16, kernel: 1, activation: .relu), .maxPooling(window: 2),
    ]
    let model = try Sequential(inputShape: [4, 4, channels], layers: layers, seed: 1)
    var x = try RandomImages.tensor([1, 4, 4, channels], seed: 34)
    x.scalars[5 * channels] = .nan
    let output = try model.predict(x)
    let perPixel = output.count / 4
    #expect(output.scalars[..<perPixel].filter(\.isNaN).count == perPixel)
    #expect(output.scalars[perPixel...].filter(\.isNaN).isEmpty)
  }
}
