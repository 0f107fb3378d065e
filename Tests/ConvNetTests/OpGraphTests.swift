import ConvNet
import Im2col
import Testing

/// Which layers become one op, and in which order they run.
@Suite("Op graph")
struct OpGraphTests {
  private static func names(_ blocks: [Block], _ purpose: OpPurpose) throws -> [String] {
    let graph = try OpGraph(NetworkPlan(Graph(inputShape: [9, 8, 3], blocks)), purpose)
    return graph.ops.indices.map(graph.name(ofOp:))
  }

  private static let residual: [Block] = [
    .convolution(filters: 4, kernel: 3, padding: .same, useBias: false, name: "a"),
    .batchNormalization(name: "an"),
    .activation(.relu, name: "ar"),
    .residual(
      [.convolution(filters: 6, kernel: 3, padding: .same, name: "b"), .batchNormalization(name: "bn")],
      shortcut: [.convolution(filters: 6, kernel: 1, name: "c"), .batchNormalization(name: "cn")], name: "sum"
    ),
    .activation(.relu, name: "sr"), .flatten, .dense(units: 3, activation: .softmax, name: "d"),
  ]

  /// The normalization of the body takes the sum, and so the place after the shortcut.
  @Test("training fuses a normalization with the sum and the activation after it")
  func training() throws {
    #expect(
      try Self.names(Self.residual, .training)
        == ["a", "an+ar", "b", "c", "cn", "bn+sum+sr", "d"])
  }

  @Test("inference folds normalizations into convolutions")
  func inference() throws {
    #expect(
      try Self.names(Self.residual, .inference)
        == ["a+an+ar", "b+bn", "c+cn", "sum+sr", "d"])
  }

  @Test("every layer is an op of its own if it is observed")
  func unfused() throws {
    let purpose = OpPurpose(trains: false, fuses: false, finalActivation: nil)
    #expect(
      try Self.names(Self.residual, purpose)
        == ["a", "an", "ar", "b", "bn", "c", "cn", "sum", "sr", "d", "d"])
  }

  @Test("a value with two readers is not fused away")
  func sharedValues() throws {
    var graph = Graph(inputShape: [4, 4, 2])
    let sums = graph.add(ConvolutionLayer(filters: 2, kernel: 1), reading: [.input], name: "conv")
    let active = graph.add(ActivationLayer(activation: .tanh), reading: [sums], name: "tanh")
    graph.add(AddLayer(), reading: [sums, active], name: "sum")
    let ops = try OpGraph(NetworkPlan(graph), .inference)
    #expect(ops.ops.indices.map(ops.name(ofOp:)) == ["conv", "tanh", "sum"])
  }

  @Test("graphs that make no sense are errors that name the layer")
  func errors() throws {
    func message(_ build: (inout Graph) -> Void) -> String {
      var graph = Graph(inputShape: [4, 4, 2])
      build(&graph)
      do {
        _ = try Model(graph)
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(
      message { $0.add(FlattenLayer(), reading: [.init(index: 2)], name: "f") }
        .contains("the layer \"f\" reads value 2"))
    #expect(
      message {
        $0.add(FlattenLayer(), reading: [.input], name: "unused")
        $0.add(FlattenLayer(), reading: [.input])
      }.contains("no layer reads the output of \"unused\""))
    #expect(
      message {
        let one = $0.add(ConvolutionLayer(filters: 3, kernel: 1), reading: [.input])
        $0.add(AddLayer(), reading: [.input, one], name: "sum")
      }.contains("layer \"sum\": input 1 of a sum has shape [4, 4, 3]"))
    #expect(
      message {
        $0.add(ConvolutionLayer(filters: 3, kernel: 5), reading: [.input], name: "wide")
      }.hasPrefix("layer \"wide\": "))
  }
}
