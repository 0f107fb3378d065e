import ConvNet
import Im2col
import Im2colReference
import Testing

/// The pieces that profiles time are those of the training step: together they leave its gradient.
@Suite struct StepProbeTests {
  @Test(arguments: [1, 5, 16]) func piecesMakeTheStepsGradient(images count: Int) throws {
    let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: 3)
    let options = ComputeOptions(workers: try Workers(1))
    try model.compile(options: options)
    var dice = Dice(seed: 7)
    let images = try dice.reals([count, 28, 28, 1]).rounded()
    var targets = Tensor(zeros: [count, 10])
    for image in 0..<count { targets.scalars[image * 10 + dice.roll(0...9)] = 1 }

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

  @Test func wrongChunks() throws {
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
