import ConvNet
import Im2col
import Testing

/// The outputs of every layer against the public functions.
@Suite struct LayerActivationTests {
  /// Computes the output of a layer by the public function.
  private func output(of layer: any Layer, _ input: Tensor, _ parameters: [NamedTensor]) throws -> Tensor {
    switch layer {
    case let layer as ConvolutionLayer:
      return try convolve(
        input, kernel: parameters[0].tensor, bias: parameters[1].tensor, activation: layer.activation,
        padding: layer.padding, stride: layer.stride, dilation: layer.dilation, groups: layer.groups)
    case let layer as PoolingLayer:
      return try pool(input, layer.mode, window: layer.window, stride: layer.stride, padding: layer.padding)
    case let layer as DenseLayer:
      return try dense(
        input, kernel: parameters[0].tensor, bias: parameters[1].tensor, activation: layer.activation)
    case let layer as ActivationLayer:
      return try activate(input, layer.activation)
    case let layer as ResponseNormalizationLayer:
      return try responseNormalization(input, layer)
    case is DropoutLayer:
      return input
    case is FlattenLayer:
      return try input.reshaped(to: [input.shape[0], input.shape.dropFirst().reduce(1, *)])
    default:
      throw EngineError.shape(.unsupported("no public function computes \(layer)"))
    }
  }

  private func expectLayers(of model: Sequential, for images: Tensor, _ name: String) throws {
    let activations = try model.activations(for: images)
    #expect(activations.map(\.name) == model.summaryRows.map(\.name))
    #expect(activations.map(\.kind) == model.summaryRows.map(\.kind))
    var (input, parameters) = (images, model.parameterTensors[...])
    for (layer, activation) in zip(model.graph.layers, activations) {
      let own = parameters.prefix { $0.name.hasPrefix(activation.name + ".") }
      parameters = parameters.dropFirst(own.count)
      let expected = try output(of: layer, input, Array(own))
      #expect(activation.output.shape == expected.shape, "\(name), \(activation.name)")
      let maxError = zip(activation.output.scalars, expected.scalars).map { abs($0 - $1) }.max() ?? 0
      #expect(maxError <= 1e-5, "\(name), \(activation.name): \(maxError)")
      // Continue from the model's output, so that errors do not accumulate.
      input = activation.output
    }
    let last = try #require(activations.last?.output)
    let prediction = try model.predict(images)
    #expect(last.shape == prediction.shape)
    #expect(zip(last.scalars, prediction.scalars).allSatisfy { abs($0 - $1) <= 1e-5 }, "\(name)")
  }

  @Test(arguments: UnfusedLayerTests.models.keys.sorted(), [1, 3])
  func everyKindOfLayer(name: String, workers: Int) throws {
    let layers = try #require(UnfusedLayerTests.models[name])
    let model = try Sequential(inputShape: [7, 6, 2], layers: layers, seed: 3)
    model.options = ComputeOptions(workers: try Workers(workers))
    // Biases that are not zero.
    try model.setParameters(model.parameters.enumerated().map { $1 + Float($0 % 7 - 3) / 8 })
    try expectLayers(of: model, for: RandomImages.tensor([5, 7, 6, 2], seed: 4), name)
  }

  @Test func dropoutIsInactive() throws {
    let model = try Sequential(
      inputShape: [4, 3, 2], layers: [.flatten, .dropout(rate: 0.5), .dense(units: 3, activation: .softmax)])
    try expectLayers(of: model, for: RandomImages.tensor([5, 4, 3, 2], seed: 6), "dropout")
  }

  @Test func leNet5IsExactInSmallIntegers() throws {
    let model = try lenet5()
    try model.setParameters((0..<model.parameterCount).map { Float($0 % 3 - 1) })
    let images = try RandomImages.integers([3, 28, 28, 1], seed: 9, in: 0...3)
    let activations = try model.activations(for: images)
    #expect(
      activations.map(\.output.shape) == [
        [3, 28, 28, 6], [3, 14, 14, 6], [3, 10, 10, 16], [3, 5, 5, 16], [3, 400], [3, 120], [3, 84], [3, 10],
      ])
    let kernels = model.parameterTensors
    let first = try convolve(
      images, kernel: kernels[0].tensor, bias: kernels[1].tensor, activation: .relu, padding: .same)
    #expect(activations[0].output == first)
    #expect(try activations[1].output == pool(first, .max, window: 2, stride: 2))
    // The images of a batch are independent.
    let single = try Tensor(shape: [1, 28, 28, 1], scalars: Array(images.scalars.suffix(784)))
    #expect(
      try model.activations(for: single)[3].output.scalars == Array(activations[3].output.scalars.suffix(400))
    )
    try expectLayers(of: lenet5(), for: images, "LeNet-5")
  }

  @Test func emptyBatchesAndWrongShapes() throws {
    let model = try lenet5()
    let none = try model.activations(for: Tensor(shape: [0, 28, 28, 1], scalars: []))
    #expect(
      none.map(\.output.count) == [Int](repeating: 0, count: 8) && none[0].output.shape == [0, 28, 28, 6])
    #expect(throws: EngineError.self) {
      try model.activations(for: Tensor(repeating: 0, shape: [1, 28, 27, 1]))
    }
  }
}
