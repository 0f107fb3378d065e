import ConvNet
import ConvNetFiles
import DigitImages
import Foundation
import Im2col
import Testing
import mnist

/// The arithmetic of the playground's script against the engine.
@Suite struct PlaygroundArithmeticTests {
  private static let images = 20
  private static let labels = [0, 4, 9]

  private struct Input: Encodable {
    let model: NetDescription
    let images: [[Float]]
    let labels: [Int]
  }

  /// 20 random drawings, normalized like those of the page: `[1, 28, 28, 1]` each.
  private static func drawings() throws -> [Tensor] {
    try (0..<images).map { index in
      let drawn = RandomDrawing(seed: UInt32(100 + index), height: 61, width: 53)
      let digit = try DigitNormalizer.digit(
        GrayImage(size: Size2D(height: 61, width: 53), pixels: drawn.pixels))
      return try Tensor(shape: [1, 28, 28, 1], scalars: digit.image.pixels.map { Float($0) / 255 })
    }
  }

  /// All values that the script computes for images and labels.
  private static func script(_ model: Sequential, _ images: [Tensor], _ labels: [Int]) throws -> [String:
    [Float]]
  {
    let net = try NetDescription(
      model, classNames: (0..<model.outputShape[0]).map(String.init), pixelDivisor: 255)
    let input = Input(model: net, images: images.map(\.scalars), labels: labels)
    return try PlaygroundScript.run(
      ["arithmetic.js"], data: String(decoding: JSONEncoder().encode(input), as: UTF8.self),
      body: """
        const net = Arithmetic.decode(data.model);
        data.images.forEach((image, index) => {
          const run = Arithmetic.forward(net, Float64Array.from(image));
          net.layers.forEach(({ name }, l) => report(`${name}_${index}`, run.layers[l].a));
          report(`p_${index}`, run.probabilities);
          for (const label of data.labels) {
            const gradients = Arithmetic.backward(net, run, label), at = `${index}_${label}`;
            report(`loss_${at}`, [gradients.loss]);
            report(`image_gradient_${at}`, gradients.input);
            net.layers.forEach(({ name }, l) => report(`${name}_gradient_${at}`, gradients.layers[l].z));
            net.parameters.forEach(({ name }, k) => report(`${name}_gradient_${at}`, gradients.parameters[k]));
          }
        });
        """)
  }

  /// Compares to 1e-5 of the tensor's largest value.
  private func expect(
    _ values: [String: [Float]], _ name: String, _ expected: [Float],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard let actual = values[name], actual.count == expected.count else {
      Issue.record(
        "\(name): \(values[name]?.count ?? -1) numbers, expected \(expected.count)",
        sourceLocation: sourceLocation)
      return
    }
    let largest = expected.map(\.magnitude).max() ?? 0
    let error = zip(actual, expected).map { ($0 - $1).magnitude }.max() ?? 0
    #expect(
      error <= 1e-5 * largest, "\(name): an error of \(error), the largest value being \(largest)",
      sourceLocation: sourceLocation)
  }

  /// Compares everything that the script computes with the engine's functions.
  private func compare(_ model: Sequential, _ images: [Tensor], labels: [Int]) throws {
    let values = try Self.script(model, images, labels)
    let classes = model.outputShape[0]
    try model.compile(optimizer: .sgd(learningRate: 0.1))
    for (index, image) in images.enumerated() {
      let activations = try model.activations(for: image)
      for layer in activations where layer.kind != "dropout" {
        expect(values, "\(layer.name)_\(index)", layer.output.scalars)
      }
      for label in labels {
        let target = try Tensor(shape: [1, classes], scalars: (0..<classes).map { $0 == label ? 1 : 0 })
        let (score, gradients) = try model.gradients(image, target)
        let at = "\(index)_\(label)"
        expect(values, "loss_\(at)", [Float(score.loss)])
        var start = 0
        for named in model.parameterTensors {
          expect(values, "\(named.name)_gradient_\(at)", Array(gradients[start..<start + named.tensor.count]))
          start += named.tensor.count
        }
        let backward = try EngineGradients(model, image: image, activations: activations, target: target)
        for (name, gradient) in backward.sums { expect(values, "\(name)_gradient_\(at)", gradient.scalars) }
        expect(values, "image_gradient_\(at)", backward.image.scalars)
      }
    }
    if let logitsOrProbabilities = try images.first.map({ try model.predict($0).scalars }) {
      expect(values, "\(model.summaryRows.last?.name ?? "")_0", logitsOrProbabilities)
    }
  }

  /// Adds numbers that are not 0 to the biases, so that a missing bias is detected.
  private func withBiases(_ model: Sequential) throws -> Sequential {
    var state: UInt32 = 7
    try model.setParameterTensors(
      model.parameterTensors.map { named in
        guard named.name.hasSuffix("bias") else { return named }
        let scalars = named.tensor.scalars.map { value -> Float in
          state = state &* 1_664_525 &+ 1_013_904_223
          return value + Float(Int(state >> 20) - 2048) / 16_384
        }
        return NamedTensor(name: named.name, tensor: try Tensor(shape: named.tensor.shape, scalars: scalars))
      })
    return model
  }

  @Test(.enabled("needs Chromium", { Chromium.executable != nil }))
  func leNet5_20ImagesAnd3Labels() throws {
    let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: 5)
    try compare(try withBiases(model), try Self.drawings(), labels: Self.labels)
  }

  /// Strides, dilation, groups, paddings, overlapping windows, averages, and a softmax of its own.
  @Test(.enabled("needs Chromium", { Chromium.executable != nil }))
  func everyKindOfLayer() throws {
    let model = try Sequential(
      inputShape: [28, 28, 1],
      layers: [
        .convolution(
          filters: 4, kernel: Size2D(height: 5, width: 3), stride: Size2D(height: 2, width: 1),
          padding: .same, activation: .tanh),
        .maxPooling(
          window: Size2D(height: 3, width: 2), stride: 2,
          padding: .explicit(top: 1, bottom: 0, left: 0, right: 1)),
        .convolution(
          filters: 6, kernel: 3, dilation: Size2D(height: 1, width: 2), groups: 2, padding: .sameExtent,
          activation: .sigmoid),
        .averagePooling(window: 3, stride: 2, padding: .same),
        .dropout(rate: 0),
        .activation(.tanh), .flatten, .dense(units: 7, activation: .relu), .dense(units: 10),
        .activation(.softmax),
      ], seed: 9)
    try compare(try withBiases(model), Array(try Self.drawings().prefix(3)), labels: Self.labels)
  }

  /// The small net is exact.
  @Test(.enabled("needs Chromium", { Chromium.executable != nil }))
  func theIntegerNet() throws {
    let model = try IntegerNet.model()
    let image = try Tensor(shape: [1, 6, 6, 1], scalars: IntegerNet.image)
    let values = try Self.script(model, [image], [0, 1])
    try model.compile(optimizer: .sgd(learningRate: 0.1))
    let activations = try model.activations(for: image)
    for layer in activations { #expect(values["\(layer.name)_0"] == layer.output.scalars, "\(layer.name)") }
    for label in [0, 1] {
      let target = try Tensor(shape: [1, 2], scalars: [0, 1].map { $0 == label ? 1 : 0 })
      let backward = try EngineGradients(model, image: image, activations: activations, target: target)
      for (name, gradient) in backward.sums {
        #expect(values["\(name)_gradient_0_\(label)"] == gradient.scalars, "\(name), label \(label)")
      }
      #expect(values["image_gradient_0_\(label)"] == backward.image.scalars)
      let gradients = try model.gradients(image, target).gradients
      let parameters = try model.parameterTensors.map {
        try #require(values["\($0.name)_gradient_0_\(label)"])
      }
      #expect(parameters.flatMap { $0 } == gradients, "label \(label)")
      // Integers, or halves at the logits.
      #expect(gradients.allSatisfy { $0 * 2 == ($0 * 2).rounded() })
    }
    #expect(values["image_gradient_0_0"]?[21] == -2, "the pixel of the tour")
  }
}

/// The gradients at the sums of every layer and at the image, by the functions of the engine, layer by layer.
private struct EngineGradients {
  /// By the name of the layer.
  private(set) var sums: [String: Tensor] = [:]
  private(set) var image: Tensor

  /// - Parameters:
  ///   - image: `[1, height, width, channels]`.
  ///   - activations: the outputs of all layers for it.
  ///   - target: `[1, classes]`.
  init(_ model: Sequential, image: Tensor, activations: [LayerActivation], target: Tensor) throws {
    var tensors = model.parameterTensors.map(\.tensor)
    let last = activations.count - 1
    // p - y; the outputs of a model that ends in logits are not yet probabilities.
    var gradient = activations[last].output
    if !Self.endsInSoftmax(model.graph.layers[last]) { gradient = try softmax(gradient) }
    gradient = try Tensor(shape: target.shape, scalars: zip(gradient.scalars, target.scalars).map { $0 - $1 })
    for index in model.graph.layers.indices.reversed() {
      let (layer, output) = (model.graph.layers[index], activations[index].output)
      let input = index == 0 ? image : activations[index - 1].output
      let isLastSoftmax = index == last && Self.endsInSoftmax(layer)
      func atSums(_ activation: Activation) throws -> Tensor {
        isLastSoftmax ? gradient : try activationGradient(of: gradient, output: output, activation)
      }
      switch layer {
      case let settings as ConvolutionLayer:
        gradient = try atSums(settings.activation)
        sums[activations[index].name] = gradient
        let kernel = tensors[tensors.count - 2]
        tensors.removeLast(2)
        gradient = try convolutionGradients(
          of: gradient, input: input, kernel: kernel, padding: settings.padding, stride: settings.stride,
          dilation: settings.dilation, groups: settings.groups
        ).input
      case let settings as DenseLayer:
        gradient = try atSums(settings.activation)
        sums[activations[index].name] = gradient
        let kernel = tensors[tensors.count - 2]
        tensors.removeLast(2)
        gradient = try denseGradients(of: gradient, input: input, kernel: kernel).input
      case let settings as PoolingLayer:
        sums[activations[index].name] = gradient
        gradient = try poolingGradient(
          of: gradient, input: input, settings.mode, window: settings.window, stride: settings.stride,
          padding: settings.padding)
      case let settings as ActivationLayer:
        gradient = try atSums(settings.activation)
        sums[activations[index].name] = gradient
      case is FlattenLayer:
        sums[activations[index].name] = gradient
        gradient = try gradient.reshaped(to: input.shape)
      default:
        // A dropout rate of 0 has no effect; the page refuses a normalization.
        break
      }
    }
    self.image = gradient
  }

  private static func endsInSoftmax(_ layer: any Layer) -> Bool {
    switch layer {
    case let settings as DenseLayer: settings.activation == .softmax
    case let settings as ActivationLayer: settings.activation == .softmax
    default: false
    }
  }
}
