import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import TestSupport
import Testing

/// A layer of another package, without parameters.
private struct Negate: Layer {
  static let typeName = "test_negate"
  var times: Float

  func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    LayerPlan(outputShape: try requireOneInput(inputs), op: NegateOp(times: times))
  }
}

private struct NegateOp: LayerOp {
  let times: Float

  func forward(_ run: LayerRun, output: inout MutableSpan<Float>) {
    run.withInput { input in for index in output.indices { output[index] = -times * input[index] } }
  }

  func backward(_ run: LayerRun, outputGradient: Span<Float>) {
    run.settingInputGradient { gradient in
      for index in outputGradient.indices { gradient[index] = -times * outputGradient[index] }
    }
  }
}

/// Graphs, state and foreign layers in files: format 2.
@Suite struct GraphFileTests {
  private static let blocks: [Block] = [
    .convolution(filters: 4, kernel: 3, padding: .sameLower, useBias: false), .batchNormalization(name: "bn"),
    .activation(.leakyRelu(slope: 0.25)),
    .residual([.convolution(filters: 4, kernel: 3, padding: .same), .prelu()], name: "sum"),
    .branches(
      [[.transposedConvolution(filters: 2, kernel: 2)], [.zeroPadding(bottom: 1, right: 1)]],
      merge: .concatenate),
    .maxPooling(window: 2, dilation: 2, roundsUp: true), .globalAveragePooling(),
    .dense(units: 3, activation: .softmax),
  ]

  private static func model() throws -> Model {
    let model = try Model(inputShape: [7, 6, 2], layers: blocks, seed: 5)
    // Running statistics that are not the initial ones.
    try model.setParameters(model.parameters.enumerated().map { $1 + Float($0 % 5) / 16 })
    return model
  }

  private static func images() throws -> Tensor {
    try Tensor(shape: [3, 7, 6, 2], scalars: (0..<252).map { Float($0 % 17) / 8 - 1 })
  }

  @Test func aGraphIsReadAsItWasWritten() throws {
    let folder = try TemporaryFolder()
    let (model, path) = (try Self.model(), folder.file("graph.safetensors"))
    try model.save(to: path)
    let again = try Model.load(from: path)
    #expect(again.graph == model.graph && again.parameters == model.parameters)
    #expect(try again.predict(Self.images()) == model.predict(Self.images()))
    let metadata = try SafetensorsFile(contentsOf: path).metadata
    #expect(metadata["model_format"] == "2" && metadata["layers"] == nil)
    #expect(try ModelFile(contentsOf: path).parameters.map(\.name).contains("bn.variance"))
  }

  @Test func aCheckpointHasTheRunningStatistics() throws {
    let images = try Self.images()
    let targets = try Tensor(shape: [3, 3], scalars: [1, 0, 0, 0, 1, 0, 0, 0, 1])
    let model = try Self.model()
    try model.compile(options: ComputeOptions(workers: Workers(1)))
    try model.trainOnBatch(images, targets)
    let checkpoint = try Checkpoint(
      model, progress: TrainingProgress(), settings: TrainingSettings(), fingerprint: .current())
    let other = try Self.model()
    try other.compile(options: ComputeOptions(workers: Workers(2)))
    try checkpoint.restore(to: other)
    for model in [model, other] { try model.trainOnBatch(images, targets) }
    #expect(other.parameters == model.parameters)
  }

  @Test func foreignLayersNeedTheirTypes() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("foreign.safetensors")
    let model = try Model(inputShape: [2], layers: [.layer(Negate(times: 2)), .dense(units: 2)])
    try model.save(to: path)
    #expect(try Model.load(from: path, layers: [Negate.self]).graph == model.graph)
    let error = #expect(throws: ModelFileError.self) { try Model.load(from: path) }
    #expect(error.map { "\($0)".contains("\"test_negate\" is not known; pass its Swift type") } == true)
  }

  @Test func listsOfLayersOfVersion010KeepFormat1() throws {
    for layers in [LeNet5.layers(), FormatSamples.everyLayer] {
      let shape = layers.count == 8 ? LeNet5.inputShape : FormatSamples.inputShape
      let file = try ModelFile(Model(inputShape: shape, layers: layers)).safetensors()
      #expect(file.metadata["model_format"] == "1" && file.metadata["graph"] == nil)
    }
    for block in [
      .convolution(filters: 2, kernel: 1, useBias: false), .activation(.relu6),
      .maxPooling(window: 2, dilation: 2), .convolution(filters: 2, kernel: 2, padding: .sameLower),
    ] as [Block] {
      let model = try Model(inputShape: [5, 5, 2], layers: [block, .flatten, .dense(units: 2)])
      #expect(try ModelFile(model).safetensors().metadata["model_format"] == "2", "\(block)")
    }
  }

  @Test func damagedGraphsAreRefused() throws {
    let file = try ModelFile(Self.model()).safetensors()
    let graph = try #require(file.metadata["graph"])
    for (text, words) in [
      (graph.replacing("\"inputs\":[0]", with: "\"inputs\":[9]"), "topological order"),
      (graph.replacing("\"inputs\":[0]", with: "\"inputs\":[-1]"), "topological order"),
      (graph.replacing("\"version\":1", with: "\"version\":7"), "has version 7"),
      ("[]", "at least one layer"), ("{}", "not the expected JSON"), ("", "not the expected JSON"),
    ] {
      var damaged = file
      damaged.metadata["graph"] = text
      let error = #expect(throws: ModelFileError.self) { try ModelFile(damaged) }
      #expect(error.map { "\($0)".contains(words) } == true, "\(words): \(String(describing: error))")
    }
  }
}
