import ConvNet
import Im2col
import Testing

@Suite("LeNet-5")
struct LeNet5Tests {
  @Test("61,706 parameters in ten arrays")
  func parameters() throws {
    let model = try lenet5()
    #expect(model.parameterCount == 61_706)
    #expect(
      model.parameterShapes.map(\.name) == [
        "conv1.kernel", "conv1.bias", "conv2.kernel", "conv2.bias", "dense1.kernel", "dense1.bias",
        "dense2.kernel", "dense2.bias", "dense3.kernel", "dense3.bias",
      ])
    #expect(
      model.parameterShapes.map(\.shape) == [
        [5, 5, 1, 6], [6], [5, 5, 6, 16], [16], [400, 120], [120], [120, 84], [84], [84, 10], [10],
      ])
    for named in model.parameterTensors where named.name.hasSuffix("bias") {
      #expect(named.tensor.scalars.filter { $0 != 0 }.isEmpty)
    }
    #expect(model.optimizer == .adam(epsilon: 1e-7))
    #expect(try model.trainingSchedule == .microBatch)
  }

  @Test("the summary")
  func summary() throws {
    let rows = try lenet5().summaryRows
    #expect(
      rows.map(\.outputShape) == [
        [28, 28, 6], [14, 14, 6], [10, 10, 16], [5, 5, 16], [400], [120], [84], [10],
      ])
    #expect(rows.map(\.parameters) == [156, 0, 2_416, 0, 0, 48_120, 10_164, 850])
    #expect(rows.map(\.forwardFLOPs) == [235_200, 0, 480_000, 0, 0, 96_000, 20_160, 1_680])
    #expect(rows.map(\.lowering) == ["rows", nil, "direct", nil, nil, "gemm", "gemm", "gemm"])
    let text = try lenet5().summary()
    #expect(text.contains("61,706 parameters"))
    #expect(text.contains("28 x 28 x 6"))
  }

  @Test("outputs are probabilities")
  func probabilities() throws {
    let output = try lenet5().predict(RandomImages.tensor([5, 28, 28, 1], seed: 91))
    #expect(output.shape == [5, 10])
    for row in 0..<5 { #expect(abs(output.scalars[row * 10..<row * 10 + 10].reduce(0, +) - 1) < 1e-5) }
  }
}
