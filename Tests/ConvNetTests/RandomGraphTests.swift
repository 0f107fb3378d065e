import ConvNet
import Im2col
import Im2colReference
import Testing

/// The engine against the reference in Double on random graphs, and on narrow networks of known kinds.
@Suite("Random graphs")
struct RandomGraphTests {
  private func comparison(seed: Int, normalizes: Bool) throws -> NetworkComparison {
    let random = try RandomGraph(seed: UInt64(seed), normalizes: normalizes)
    return try NetworkComparison(
      random.graph, batch: random.batch, seed: UInt64(seed), loss: random.loss, name: random.description)
  }

  @Test("outputs of graphs without batch normalization", arguments: 0..<30, ExecutionSchedule.allCases)
  func outputs(seed: Int, schedule: ExecutionSchedule) throws {
    try comparison(seed: seed, normalizes: false).compareInference(schedule)
  }

  @Test("gradients of graphs without batch normalization", arguments: 0..<30, ExecutionSchedule.allCases)
  func gradients(seed: Int, schedule: ExecutionSchedule) throws {
    try comparison(seed: seed, normalizes: false).compareTraining(schedule)
  }

  /// Inference folds normalizations, under both schedules.
  @Test("outputs of graphs with batch normalization", arguments: 100..<140, ExecutionSchedule.allCases)
  func normalizedOutputs(seed: Int, schedule: ExecutionSchedule) throws {
    try comparison(seed: seed, normalizes: true).compareInference(schedule)
  }

  /// Training runs layer by layer.
  @Test("gradients and running statistics of graphs with batch normalization", arguments: 100..<140)
  func normalizedGradients(seed: Int) throws {
    try comparison(seed: seed, normalizes: true).compareTraining(nil)
  }

  @Test("the same bits with 1, 2 and 3 workers", arguments: 0..<40)
  func workers(seed: Int) throws {
    let normalizes = !seed.isMultiple(of: 2)
    let schedules: [ExecutionSchedule?] = normalizes ? [nil] : ExecutionSchedule.allCases
    for schedule in schedules {
      try comparison(seed: 200 + seed, normalizes: normalizes).compareWorkers(schedule)
    }
  }

  @Test("the graphs have every kind of layer in every role")
  func coverage() throws {
    let graphs =
      try (0..<30).map { try RandomGraph(seed: UInt64($0), normalizes: false).graph }
      + (100..<140).map { try RandomGraph(seed: UInt64($0), normalizes: true).graph }
    let types = Set(graphs.flatMap { $0.layers.map { type(of: $0).typeName } })
    let missing = Set(AnyLayer.builtIn.map { $0.typeName }).subtracting(types)
    #expect(missing.isEmpty, "add these layers to RandomGraph: \(missing.sorted())")
    let readers = graphs.map { graph in
      Dictionary(grouping: graph.nodes.flatMap(\.inputs), by: \.self).values.map(\.count).max() ?? 0
    }
    #expect(readers.contains { $0 >= 3 })
    #expect(graphs.contains { graph in graph.nodes.contains { $0.inputs.count == 3 } })
    #expect(graphs.contains { graph in graph.nodes.contains { Set($0.inputs).count < $0.inputs.count } })
  }

  // MARK: - Networks of known kinds

  private static func normalized(_ convolution: Block, _ activation: Activation? = .relu) -> [Block] {
    [convolution, .batchNormalization()] + (activation.map { [.activation($0)] } ?? [])
  }

  /// A residual block of two convolutions; with a stride, its shortcut is a convolution.
  private static func residual(_ filters: Int, stride: Size2D = 1) -> [Block] {
    [
      .residual(
        normalized(.convolution(filters: filters, kernel: 3, stride: stride, padding: .same, useBias: false))
          + normalized(.convolution(filters: filters, kernel: 3, padding: .same, useBias: false), nil),
        shortcut: stride == 1
          ? [] : normalized(.convolution(filters: filters, kernel: 1, stride: stride, useBias: false), nil)),
      .activation(.relu),
    ]
  }

  /// An inverted residual block: expansion, depthwise convolution, linear projection.
  private static func inverted(from channels: Int, to filters: Int, stride: Size2D = 1) -> Block {
    let body =
      normalized(.convolution(filters: 3 * channels, kernel: 1, useBias: false))
      + normalized(
        .convolution(
          filters: 3 * channels, kernel: 3, stride: stride, groups: 3 * channels, padding: .same,
          useBias: false))
      + normalized(.convolution(filters: filters, kernel: 1, useBias: false), nil)
    return stride == 1 && channels == filters ? .residual(body) : .branches([body, body], merge: .add)
  }

  static let networks: [String: (inputShape: [Int], batch: Int, layers: [Block])] = [
    "ResNet": (
      [15, 13, 3], 7,
      normalized(.convolution(filters: 4, kernel: 3, padding: .same, useBias: false)) + residual(4)
        + residual(6, stride: 2) + residual(6) + residual(8, stride: 2)
        + [.globalAveragePooling(), .dense(units: 5, activation: .softmax)]
    ),
    "MobileNet": (
      [16, 14, 3], 5,
      normalized(.convolution(filters: 4, kernel: 3, stride: 2, padding: .same, useBias: false))
        + [inverted(from: 4, to: 4), inverted(from: 4, to: 5, stride: 2), inverted(from: 5, to: 5)]
        + normalized(.convolution(filters: 9, kernel: 1, useBias: false))
        + [.globalAveragePooling(), .dropout(rate: 0.25), .dense(units: 4)]
    ),
  ]

  @Test("narrow networks of known kinds", arguments: networks.keys.sorted())
  func known(_ name: String) throws {
    let network = try #require(Self.networks[name])
    let comparison = try NetworkComparison(
      Graph(inputShape: network.inputShape, network.layers), batch: network.batch, seed: 300, name: name)
    for schedule in ExecutionSchedule.allCases { try comparison.compareInference(schedule) }
    try comparison.compareTraining(nil)
    try comparison.compareWorkers(nil)
  }
}
