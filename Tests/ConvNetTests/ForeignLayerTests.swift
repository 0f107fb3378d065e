import ConvNet
import Foundation
import Im2col
import Im2colReference
import Testing

/// A layer of another package, with a trained factor for each channel and the running mean of its inputs.
private struct Scale: Layer {
  static let typeName = "test_scale"
  var initial: Float
  var tracksMean = false

  func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let shape = try requireOneInput(inputs)
    guard let channels = shape.last else { throw .unsupported("a scale needs channels") }
    let factor = LayerParameter("factor", shape: [channels], initializer: .constant(initial))
    let mean = LayerParameter("mean", shape: [1], role: .state, initializer: .zeros)
    return LayerPlan(
      outputShape: shape, parameters: tracksMean ? [mean, factor] : [factor],
      op: ScaleOp(channels: channels, factorIndex: tracksMean ? 1 : 0))
  }
}

private struct ScaleOp: LayerOp {
  let channels: Int
  let factorIndex: Int
  var savedCount: Int { 1 }

  func forward(_ run: LayerRun, output: inout MutableSpan<Float>) {
    run.withInput { input in
      run.withParameter(factorIndex) { factor in
        for index in output.indices { output[index] = input[index] * factor[index % channels] }
      }
      run.withSaved { saved in
        for image in saved.indices { saved[image] = input[image * (input.count / run.images)] }
      }
      if factorIndex == 1 {
        run.updatingState(0) { state in
          var sum: Float = 0
          for index in input.indices { sum += input[index] }
          state[0] = sum / Float(input.count)
        }
      }
    }
  }

  func backward(_ run: LayerRun, outputGradient: Span<Float>) {
    run.withInput { input in
      run.withSaved { saved in
        for image in saved.indices {
          precondition(
            saved[image] == input[image * (input.count / run.images)], "image \(image) was not saved")
        }
      }
      run.addingToParameterGradient(factorIndex) { gradient in
        for index in outputGradient.indices {
          gradient[index % channels] += outputGradient[index] * input[index]
        }
      }
    }
    run.withParameter(factorIndex) { factor in
      run.settingInputGradient { gradient in
        for index in outputGradient.indices {
          gradient[index] = outputGradient[index] * factor[index % channels]
        }
      }
    }
  }
}

/// The mean of two inputs, without parameters.
private struct Mean: Layer {
  static let typeName = "test_mean"

  func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    guard inputs.count == 2, inputs[0] == inputs[1] else {
      throw .unsupported("a mean reads two equal shapes")
    }
    return LayerPlan(outputShape: inputs[0], op: MeanOp())
  }
}

private struct MeanOp: LayerOp {
  func forward(_ run: LayerRun, output: inout MutableSpan<Float>) {
    run.withInput(0) { one in
      run.withInput(1) { other in
        for index in output.indices { output[index] = (one[index] + other[index]) / 2 }
      }
    }
  }

  func backward(_ run: LayerRun, outputGradient: Span<Float>) {
    for input in 0..<2 {
      run.settingInputGradient(input) { gradient in
        for index in outputGradient.indices { gradient[index] = outputGradient[index] / 2 }
      }
    }
  }
}

/// A loss of another package: the mean absolute error, for exact gradients.
private struct AbsoluteError: Loss {
  let name = "absolute error"

  func sum(of outputs: Span<Float>, targets: Span<Float>, images: Int) -> Double {
    var sum = 0.0
    for index in outputs.indices { sum += Double(abs(outputs[index] - targets[index])) }
    return sum
  }

  func gradient(
    of outputs: Span<Float>, targets: Span<Float>, images: Int, scale: Float,
    into gradient: inout MutableSpan<Float>
  ) {
    for index in outputs.indices { gradient[index] = outputs[index] > targets[index] ? scale : -scale }
  }
}

@Suite("Layers and losses of other packages")
struct ForeignLayerTests {
  private static func blocks(tracksMean: Bool = false) -> [Block] {
    [
      .convolution(filters: 3, kernel: 2, activation: .tanh),
      .layer(Scale(initial: 1.5, tracksMean: tracksMean), name: "scale"),
      .branches([[], [.layer(Scale(initial: 0.5))]], merge: AnyLayer(Mean()), name: "mean"),
      .flatten, .dense(units: 4, activation: .softmax),
    ]
  }

  /// Small integers, so that every order of the sums gives the same bits.
  @Test("a scale by hand", arguments: ExecutionSchedule.allCases)
  func byHand(schedule: ExecutionSchedule) throws {
    let model = try Model(
      inputShape: [2], layers: [.layer(Scale(initial: 3))])
    model.forcedSchedule = schedule
    try model.compile(
      optimizer: .sgd(learningRate: 0.5), loss: AbsoluteError(), metrics: [.meanAbsoluteError],
      options: ComputeOptions(workers: Workers(2)))
    let images = try Tensor(shape: [2, 2], scalars: [1, -2, 4, 5])
    let targets = try Tensor(shape: [2, 2], scalars: [0, 0, 20, 0])
    #expect(try model.predict(images).scalars == [3, -6, 12, 15])
    let (score, gradients) = try model.gradients(images, targets)
    #expect(score.lossSum == 3 + 6 + 8 + 15 && score.value(of: .meanAbsoluteError) == 8)
    // Half of (1 - 4, 2 + 5), because the loss is the mean of two images.
    #expect(gradients == [-1.5, 3.5])
    try model.trainOnBatch(images, targets)
    #expect(model.parameters == [3.75, 1.25])
  }

  @Test("gradients agree with finite differences", arguments: ExecutionSchedule.allCases)
  func differences(schedule: ExecutionSchedule) throws {
    let model = try Model(inputShape: [5, 4, 2], layers: Self.blocks(), seed: 3)
    model.forcedSchedule = schedule
    try model.compile(options: ComputeOptions(workers: Workers(2)))
    let images = try RandomImages.tensor([19, 5, 4, 2], seed: 4)
    let targets = try RandomImages.labels(19, classes: 4, seed: 5)
    let gradients = try model.gradients(images, targets).gradients
    let values = model.parameters
    for index in stride(from: 0, to: values.count, by: 7) {
      var moved = values
      let step: Float = 0.0625
      moved[index] = values[index] + step
      try model.setParameters(moved)
      let above = try model.evaluate(images, targets).loss
      moved[index] = values[index] - step
      try model.setParameters(moved)
      let below = try model.evaluate(images, targets).loss
      let slope = (above - below) / Double(2 * step)
      #expect(
        abs(slope - Double(gradients[index])) < 2e-3, "parameter \(index): \(slope), \(gradients[index])")
      try model.setParameters(values)
    }
  }

  @Test("the same bits for any number of workers", arguments: ExecutionSchedule.allCases)
  func sameBits(schedule: ExecutionSchedule) throws {
    let images = try RandomImages.tensor([37, 5, 4, 2], seed: 6)
    let targets = try RandomImages.labels(37, classes: 4, seed: 7)
    let trained = try [1, 2, 3].map { workers in
      let model = try Model(inputShape: [5, 4, 2], layers: Self.blocks(), seed: 3)
      model.forcedSchedule = schedule
      try model.compile(options: ComputeOptions(workers: Workers(workers)))
      for _ in 0..<3 { try model.trainOnBatch(images, targets) }
      return model.parameters
    }
    #expect(trained[0] == trained[1] && trained[0] == trained[2])
  }

  @Test("a layer with state sees the whole batch, and only training changes the state")
  func state() throws {
    let model = try Model(inputShape: [5, 4, 2], layers: Self.blocks(tracksMean: true), seed: 3)
    try model.compile(options: ComputeOptions(workers: Workers(2)))
    #expect(try model.trainingSchedule == .layerByLayer)
    #expect(model.parameterCount == model.trainableCount + 1)
    let images = try RandomImages.tensor([19, 5, 4, 2], seed: 4)
    let targets = try RandomImages.labels(19, classes: 4, seed: 5)
    _ = try model.gradients(images, targets)
    _ = try model.predict(images)
    #expect(model.parameters.last == 0)
    let inputs = try model.activations(for: images)[0].output.scalars
    try model.trainOnBatch(images, targets)
    let mean = inputs.map(Double.init).reduce(0, +) / Double(inputs.count)
    #expect(abs(Double(model.parameters.last ?? 0) - mean) < 1e-5)
  }

  @Test("the box compares and encodes layers; an unknown type is named")
  func box() throws {
    #expect(AnyLayer(Scale(initial: 1)) == AnyLayer(Scale(initial: 1)))
    #expect(AnyLayer(Scale(initial: 1)) != AnyLayer(Scale(initial: 2)))
    #expect(AnyLayer(Mean()) != AnyLayer(Scale(initial: 1)))
    let data = try JSONEncoder().encode(AnyLayer(Scale(initial: 2)))
    let error = #expect(throws: UnknownLayer.self) { try JSONDecoder().decode(AnyLayer.self, from: data) }
    #expect(error == UnknownLayer(typeName: "test_scale", version: 1, knownVersion: nil))
    let decoder = JSONDecoder()
    decoder.userInfo[AnyLayer.types] = [Scale.self, Mean.self] as [any Layer.Type]
    #expect(try decoder.decode(AnyLayer.self, from: data) == AnyLayer(Scale(initial: 2)))
    let later = String(decoding: data, as: UTF8.self).replacing("\"version\":1", with: "\"version\":2")
    let refused = #expect(throws: UnknownLayer.self) {
      try decoder.decode(AnyLayer.self, from: Data(later.utf8))
    }
    #expect(refused?.knownVersion == 1)
  }
}
