import ConvNet
import Im2col
import Im2colReference
import Testing

/// The ops of a probe, run in order, compute the gradient of the training step.
@Suite struct StepProbeTests {
  @Test(arguments: [1, 5, 16]) func opsComputeTheGradient(images count: Int) throws {
    let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: 3)
    let options = ComputeOptions(workers: try Workers(1))
    try model.compile(options: options)
    var random = SplitMix64(seed: 7)
    let images = try random.reals([count, 28, 28, 1]).rounded()
    var targets = Tensor(zeros: [count, 10])
    for image in 0..<count { targets.scalars[image * 10 + random.roll(0...9)] = 1 }

    let probe = try StepProbe(model, images: images, targets: targets, options: options)
    #expect(
      probe.pieces.map(\.name) == ["conv1+pool1", "conv2+pool2", "dense1", "dense2", "dense3"])
    for index in probe.pieces.indices { probe.forward(index) }
    let loss = probe.loss()
    for index in probe.pieces.indices.reversed() { probe.backward(index) }

    let expected = try model.gradients(images, targets)
    #expect(loss == expected.score.lossSum)
    #expect(probe.gradients == expected.gradients)
    #expect(probe.gradients.contains { $0 != 0 })
  }

  @Test func layerByLayer() throws {
    let layers: [Layer] = [
      .convolution(filters: 6, kernel: 3, activation: .relu), .responseNormalization(),
      .maxPooling(window: 3, stride: 2),
      .flatten, .dense(units: 9, activation: .relu), .dropout(), .dense(units: 4, activation: .softmax),
    ]
    let model = try Sequential(inputShape: [9, 8, 3], layers: layers, seed: 3)
    model.executionSchedule = .layerByLayer
    let options = ComputeOptions(workers: try Workers(2))
    try model.compile(optimizer: .sgd(momentum: 0.9), options: options)
    let images = try RandomImages.tensor([19, 9, 8, 3], seed: 1)
    let targets = try RandomImages.labels(19, classes: 4, seed: 2)
    let probe = try StepProbe(model, images: images, targets: targets, options: options)
    #expect(probe.pieces.map(\.name) == ["conv1", "lrn1", "pool1", "dense1", "dropout1", "dense2"])
    for index in probe.pieces.indices { probe.forward(index) }
    #expect(try abs(probe.loss() - model.gradients(images, targets).score.lossSum) < 1e-9)
    for index in probe.pieces.indices.reversed() { probe.backward(index) }
    #expect(try probe.gradients == model.gradients(images, targets).gradients)
    probe.update()
  }

  @Test func invalidImageCounts() throws {
    let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers())
    for count in [0, 17] {
      #expect(throws: EngineError.self) {
        _ = try StepProbe(
          model, images: Tensor(zeros: [count, 28, 28, 1]), targets: Tensor(zeros: [count, 10]),
          options: .default)
      }
    }
    #expect(throws: EngineError.self) {
      _ = try StepProbe(
        model, images: Tensor(zeros: [2, 28, 28, 1]), targets: Tensor(zeros: [3, 10]), options: .default)
    }
  }
}
