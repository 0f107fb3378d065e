import ConvNet
import DigitImages
import Foundation
import Im2col
import Testing
import mnist

/// The sums that the playground writes out: the terms of each number add up to it, and measured gradients agree.
@Suite(.enabled("needs Chromium", { Chromium.executable != nil }))
struct PlaygroundTermsTests {
  private struct Input: Encodable {
    let model: NetDescription
    let image: [Float]
  }

  private static func input(_ layers: [Block], seed: UInt64) throws -> String {
    let model = try Sequential(inputShape: [28, 28, 1], layers: layers, seed: seed)
    let drawn = RandomDrawing(seed: 3, height: 61, width: 53)
    let digit = try DigitNormalizer.digit(
      GrayImage(size: Size2D(height: 61, width: 53), pixels: drawn.pixels))
    // Biases that are not 0 and pixels that all differ: no sum is 0 and no two are equal, where a measured gradient
    // would be that of one side.
    try model.setParameterTensors(
      model.parameterTensors.map { named in
        guard named.name.hasSuffix("bias") else { return named }
        let scalars = (0..<named.tensor.count).map { Float($0 % 5) * 0.03 - 0.05 }
        return NamedTensor(name: named.name, tensor: try Tensor(shape: named.tensor.shape, scalars: scalars))
      })
    let input = Input(
      model: try NetDescription(model, classNames: (0..<10).map(String.init), pixelDivisor: 255),
      image: digit.image.pixels.enumerated().map { Float($1) / 300 + Float($0 * 37 % 101) / 1000 })
    return String(decoding: try JSONEncoder().encode(input), as: UTF8.self)
  }

  /// Strides, dilation, groups, padding and both kinds of pooling with overlapping windows.
  private static let unusual: [Block] = [
    .convolution(
      filters: 4, kernel: Size2D(height: 5, width: 3), stride: Size2D(height: 2, width: 1), padding: .same,
      activation: .relu),
    .maxPooling(window: 3, stride: 2, padding: .explicit(top: 1, bottom: 0, left: 0, right: 1)),
    .convolution(
      filters: 6, kernel: 3, dilation: Size2D(height: 1, width: 2), groups: 2, padding: .sameExtent,
      activation: .tanh),
    .averagePooling(window: 3, stride: 2, padding: .same),
    .flatten, .dense(units: 10, activation: .softmax),
  ]

  /// Every output, every gradient of an input, and every gradient of a parameter is the sum of its terms.
  @Test(arguments: [false, true])
  func theTermsAddUp(isUnusual: Bool) throws {
    let values = try PlaygroundScript.run(
      ["arithmetic.js"], data: Self.input(isUnusual ? Self.unusual : LeNet5.layers(), seed: 4),
      body: """
        const net = Arithmetic.decode(data.model), image = Float64Array.from(data.image), label = 6;
        const run = Arithmetic.forward(net, image), gradients = Arithmetic.backward(net, run, label);
        const total = (values) => Array.from(values).reduce((sum, value) => sum + (value ?? 0), 0);
        const errors = { outputs: 0, inputs: 0, weights: 0, biases: 0, counts: 0 };
        const compare = (name, one, other) => {
          errors[name] = Math.max(errors[name], Math.abs(one - other) / Math.max(1e-3, Math.abs(other)));
          errors.counts += 1;
        };
        net.layers.forEach((layer, l) => {
          // A stride that is no divisor of the sizes reaches all rows, columns and channels.
          for (let index = 0; index < Arithmetic.count(layer.output); index += 7) {
            const terms = Arithmetic.outputTerms(net, run, l, index);
            if (layer.kind === "convolution") {
              compare("outputs", total(terms.channels.map(({ sum }) => sum)) + terms.bias, run.layers[l].z[index]);
              for (const { products, sum } of terms.channels) compare("outputs", total(products.values), sum);
            } else if (layer.kind === "dense") compare("outputs", total(terms.products) + terms.bias, run.layers[l].z[index]);
            else if (layer.mode === "max") compare("outputs", Math.max(...terms.input.values.filter((value) => value !== null)), run.layers[l].a[index]);
            else if (layer.mode === "average") compare("outputs", total(terms.input.values) / terms.pixels, run.layers[l].a[index]);
          }
          for (let index = 0; index < Arithmetic.count(layer.input); index += 5) {
            const terms = Arithmetic.inputTerms(net, run, gradients, l, index);
            const gradient = l > 0 ? gradients.layers[l - 1].a[index] : gradients.input[index];
            compare("inputs", terms.total, gradient);
            if (layer.kind === "convolution") compare("inputs", total(terms.channels.flatMap(({ shares }) => shares.values)), gradient);
            else if (layer.kind === "pooling") compare("inputs", total(terms.windows.map(({ share }) => share)), gradient);
            else if (layer.kind === "dense") compare("inputs", total(terms.products), gradient);
          }
          if (layer.kernel === undefined) return;
          for (let index = 0; index < net.parameters[layer.kernel].values.length; index += 11) {
            const terms = Arithmetic.weightTerms(net, run, gradients, l, index), gradient = gradients.parameters[layer.kernel][index];
            compare("weights", layer.kind === "dense" ? terms.input * terms.gradient : total(terms.products.values), gradient);
          }
          for (let o = 0; o < net.parameters[layer.bias].values.length; o++) {
            compare("biases", total(Arithmetic.biasTerms(net, gradients, l, o).gradients.values), gradients.parameters[layer.bias][o]);
          }
        });
        for (const [name, error] of Object.entries(errors)) report(name, [error]);
        // The largest gradient of every parameter and of the image, measured.
        const largest = (values) => Array.from(values).reduce((best, value, index) => (Math.abs(value) > Math.abs(values[best]) ? index : best), 0);
        const targets = [{ pixel: largest(gradients.input) }, ...gradients.parameters.map((values, parameter) => ({ parameter, index: largest(values) }))];
        report("gradients", targets.map(({ pixel, parameter, index }) => (pixel === undefined ? gradients.parameters[parameter][index] : gradients.input[pixel])));
        report("measured", targets.map((target) => Arithmetic.check(net, image, label, target, 1e-6).slope));
        // A small step lowers the loss by the rate times the sum of the squares.
        const rate = 1e-7, after = Arithmetic.step(net, gradients, rate);
        const squares = total(gradients.parameters.map((values) => total(values.map((g) => g * g))));
        report("step", [(gradients.loss - Arithmetic.loss(Arithmetic.forward(after, image), label)) / (rate * squares)]);
        """)
    for name in ["outputs", "inputs", "weights", "biases"] {
      #expect(try #require(values[name]?.first) < 1e-9, "\(name)")
    }
    #expect(try #require(values["counts"]?.first) > 1000)
    let (gradients, measured) = (try #require(values["gradients"]), try #require(values["measured"]))
    #expect(gradients.count == measured.count && gradients.count == (isUnusual ? 7 : 11))
    for (gradient, slope) in zip(gradients, measured) {
      #expect((gradient - slope).magnitude <= 1e-4 * gradient.magnitude, "\(gradient), measured \(slope)")
    }
    #expect((try #require(values["step"]?.first) - 1).magnitude < 1e-3, "\(values["step"] ?? [])")
  }
}
