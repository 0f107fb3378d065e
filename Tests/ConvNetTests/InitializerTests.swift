import ConvNet
import Foundation
import Im2col
import Testing

@Suite("Initializers")
struct InitializerTests {
  private static func values(_ initializer: Initializer, count: Int, fanIn: Int, fanOut: Int = 84) throws
    -> [Double]
  {
    try initializer.values(shape: [count], fanIn: fanIn, fanOut: fanOut, seed: 5, parameterIndex: 3).scalars
      .map(
        Double.init)
  }

  /// Truncation at two sigma reduces the standard deviation by the factor 0.87962566.
  @Test("mean, standard deviation and bounds", arguments: [Initializer.heNormal, .varianceScalingTF1])
  func truncatedNormal(_ initializer: Initializer) throws {
    let (count, fanIn) = (200_000, 25)
    let sigma =
      initializer == .heNormal
      ? (2.0 / 25).squareRoot() / 0.879_625_661_034_239_78 : (2.6 / 25).squareRoot()
    let values = try Self.values(initializer, count: count, fanIn: fanIn)
    let mean = values.reduce(0, +) / Double(count)
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)).squareRoot()
    #expect(abs(mean) < 4 * sigma / Double(count).squareRoot())
    #expect(abs(deviation / (0.879_625_661_034_239_78 * sigma) - 1) < 0.01)
    #expect(values.allSatisfy { abs($0) <= 2 * sigma * 1.000_001 })
    #expect(values.contains { abs($0) > 1.9 * sigma })
  }

  @Test("Glorot is uniform between its bounds")
  func glorot() throws {
    let values = try Self.values(.glorotUniform, count: 100_000, fanIn: 120, fanOut: 84)
    let limit = (6.0 / 204).squareRoot()
    #expect(values.allSatisfy { abs($0) <= limit })
    let deviation = (values.reduce(0) { $0 + $1 * $1 } / 100_000).squareRoot()
    #expect(abs(deviation / (limit / 3.0.squareRoot()) - 1) < 0.01)
  }

  @Test("the normal distribution without truncation, and constants")
  func normal() throws {
    let values = try Self.values(.normal(standardDeviation: 0.01), count: 100_000, fanIn: 25)
    let mean = values.reduce(0, +) / 100_000
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100_000).squareRoot()
    #expect(abs(mean) < 4 * 0.01 / 100_000.0.squareRoot())
    #expect(abs(deviation / 0.01 - 1) < 0.01)
    let beyond = Double(values.filter { abs($0) > 0.02 }.count) / 100_000
    #expect(abs(beyond - 0.0455) < 0.004, "4.55% lie beyond two sigma")
    // A large array is computed in parts; the values are those of the whole sequence.
    let start = try Self.values(.normal(standardDeviation: 0.01), count: 66_001, fanIn: 25)
    #expect(start == Array(values[..<66_001]))
    #expect(start[65_536] != start[0] && start[65_537] != start[1])
    #expect(try Self.values(.constant(0.5), count: 5, fanIn: 1) == [0.5, 0.5, 0.5, 0.5, 0.5])
    for bad in [Initializer.constant(.nan), .constant(.infinity), .normal(standardDeviation: -1)] {
      #expect(throws: EngineError.self) { try Self.values(bad, count: 5, fanIn: 1) }
      #expect(throws: EngineError.self) {
        try Sequential(inputShape: [3], layers: [.dense(units: 2, biasInitializer: bad)])
      }
    }
  }

  @Test("JSON: strings, and objects with one key; files without a bias initializer")
  func coding() throws {
    let all: [(Initializer, String)] = [
      (.zeros, "\"zeros\""), (.heNormal, "\"heNormal\""), (.varianceScalingTF1, "\"varianceScalingTF1\""),
      (.glorotUniform, "\"glorotUniform\""), (.constant(1), "{\"constant\":1}"),
      (.normal(standardDeviation: 0.5), "{\"normal\":0.5}"),
    ]
    for (initializer, text) in all {
      #expect(String(decoding: try JSONEncoder().encode(initializer), as: UTF8.self) == text)
      #expect(try JSONDecoder().decode(Initializer.self, from: Data(text.utf8)) == initializer)
    }
    for text in ["\"other\"", "{}", "3", "{\"normal\":\"wide\"}"] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(Initializer.self, from: Data(text.utf8))
      }
    }
    let old = #"{"units":3,"activation":"relu","initializer":"zeros"}"#
    let layer = try JSONDecoder().decode(DenseLayer.self, from: Data(old.utf8))
    #expect(layer == DenseLayer(units: 3, activation: .relu, initializer: .zeros))
    for node in Graph(inputShape: AlexNet.inputShape, AlexNet.layers()).nodes {
      #expect(try JSONDecoder().decode(Graph.Node.self, from: JSONEncoder().encode(node)) == node)
    }
  }

  @Test("values depend on the seed and the index of the array only")
  func streams() throws {
    func first(_ seed: UInt64, _ parameter: Int) throws -> [Float] {
      try Initializer.heNormal.values(shape: [8], fanIn: 8, fanOut: 8, seed: seed, parameterIndex: parameter)
        .scalars
    }
    #expect(try first(1, 0) == first(1, 0))
    #expect(try first(1, 0) != first(1, 1))
    #expect(try first(1, 0) != first(2, 0))
  }

  @Test("golden values")
  func golden() throws {
    let values = try Initializer.heNormal.values(
      shape: [4], fanIn: 25, fanOut: 150, seed: 0, parameterIndex: 0
    )
    .scalars
    for (actual, expected) in zip(values, GoldenValues.heNormal) { #expect(abs(actual - expected) < 1e-6) }
    let uniform = try Initializer.glorotUniform.values(
      shape: [4], fanIn: 25, fanOut: 150, seed: 0, parameterIndex: 0
    ).scalars
    for (actual, expected) in zip(uniform, GoldenValues.glorotUniform) {
      #expect(abs(actual - expected) < 1e-6)
    }
  }
}

/// Values for seed 0, parameter 0, fan-in 25 and fan-out 150, computed independently of this package from the
/// definitions of Philox and the Box-Muller transform. They must not change between versions.
private enum GoldenValues {
  static let heNormal: [Float] = [-0.41070508, -0.07087982, 0.08414193, 0.5579209]
  static let glorotUniform: [Float] = [0.02529039, 0.01007261, 0.1057354, -0.10140439]
}
