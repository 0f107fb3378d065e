import ConvNet
import ConvNetFiles
import Foundation
import Im2col
import Testing

/// Values encode to the JSON of commit 1ea83b6, and that JSON decodes to the same values.
@Suite struct ValueFormatTests {
  /// Checks a file of `values`, which has one line per value.
  private func expect<Value: Codable & Equatable>(
    _ values: [Value], in name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let lines = try FormatFixtures.lines("values/\(name).jsonl")
    try #require(lines.count == values.count, sourceLocation: sourceLocation)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    for (value, line) in zip(values, lines) {
      let text = String(decoding: try encoder.encode(value), as: UTF8.self)
      #expect(text == line, sourceLocation: sourceLocation)
      let read = try JSONDecoder().decode(Value.self, from: Data(line.utf8))
      #expect(read == value, sourceLocation: sourceLocation)
    }
  }

  @Test func layers() throws {
    let layers = Graph(inputShape: [], FormatSamples.layers).nodes.compactMap(LayerFormat1.init)
    try expect(layers, in: "layers")
    try expect(FormatSamples.sizes, in: "sizes")
    try expect(FormatSamples.paddings, in: "paddings")
    try expect(FormatSamples.activations, in: "activations")
    try expect(FormatSamples.initializers, in: "initializers")
    try expect(FormatSamples.poolingModes, in: "pooling-modes")
    try expect(FormatSamples.poolingTies, in: "pooling-ties")
  }

  @Test func optimizersAndSchedules() throws {
    try expect(FormatSamples.optimizers, in: "optimizers")
    try expect(FormatSamples.schedules, in: "schedules")
    try expect(FormatSamples.losses, in: "losses")
    try expect(FormatSamples.metrics, in: "metrics")
  }

  @Test func runs() throws {
    try expect(FormatSamples.stoppings, in: "early-stopping")
    try expect(FormatSamples.epochScores, in: "epoch-scores")
    try expect(FormatSamples.progresses, in: "progress")
    try expect(FormatSamples.runs.map(\.settings), in: "settings")
    try expect([FormatSamples.fingerprint], in: "fingerprints")
    try expect(FormatSamples.versions, in: "versions")
  }

  /// Every file in `values` is read by one of the tests above.
  @Test func everyFileIsTested() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: FormatFixtures.path("values"))
    #expect(names.count == 17)
  }
}
