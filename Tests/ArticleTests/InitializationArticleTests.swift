import ConvNet
import Foundation
import Im2col
import Testing

/// The snippets of `Initialization.md`, and what its picture and its text claim.
struct InitializationArticleTests {
  @Test func tenLayersAndThreeInitializers() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin depth
    let input = try Initializer.normal(standardDeviation: 1).values(
      shape: [256, 512], fanIn: 512, fanOut: 512, seed: 0,
      parameterIndex: 1000)
    let he = Float(2.0 / 512).squareRoot()
    for factor: Float in [0.5, 1, 2] {
      let layer = Block.dense(
        units: 512, activation: .relu,
        initializer: .normal(standardDeviation: factor * he))
      let model = try Sequential(
        inputShape: [512], layers: Array(repeating: layer, count: 10))
      let last = try model.activations(for: input)[9].output.scalars
      let squares = last.map { $0 * $0 }.reduce(0, +)
      let size = (squares / Float(last.count)).squareRoot()
      print(factor, String(format: "%.3g", size))
    }
    // article: end
    let depth = transcript.take()
    // article: begin variants
    for initializer in [
      Initializer.heNormal, .varianceScalingTF1, .glorotUniform,
    ] {
      let weights = try initializer.values(
        shape: [512, 512], fanIn: 512, fanOut: 512, seed: 0,
        parameterIndex: 0
      ).scalars
      let squares = weights.map { $0 * $0 }.reduce(0, +)
      let variance = squares / Float(weights.count)
      let largest = weights.map { abs($0) }.max() ?? 0
      print(
        initializer, (variance * 512 * 100).rounded() / 100,
        (largest / he * 100).rounded() / 100)
    }
    // article: end
    let article = try Article("ConvNet/Initialization")
    try article.expect("depth", printed: depth)
    try article.expect("variants", printed: transcript)
  }

  private struct Measured: Decodable {
    struct Layer: Decodable {
      let rootMeanSquare: Double
      let zeros: Double
      let counts: [Int]
    }
    struct Run: Decodable {
      let factor: Double
      let layers: [Layer]
    }
    let units: Int
    let batch: Int
    let runs: [Run]
  }

  /// The committed measurement is what the engine computes now, and He's rule keeps the size of activations.
  @Test func theMeasurementOfThePicture() throws {
    let file = Package.root.appendingPathComponent("Benchmarks/measured/initialization.json")
    let measured = try JSONDecoder().decode(Measured.self, from: Data(contentsOf: file))
    #expect(measured.runs.map(\.factor) == [0.5, 1, 2])
    let input = try Initializer.normal(standardDeviation: 1).values(
      shape: [measured.batch, measured.units], fanIn: measured.units, fanOut: measured.units, seed: 0,
      parameterIndex: 1000)
    for run in measured.runs {
      let sigma = run.factor * (2 / Double(measured.units)).squareRoot()
      let layer = Block.dense(
        units: measured.units, activation: .relu, initializer: .normal(standardDeviation: Float(sigma)))
      let model = try Sequential(
        inputShape: [measured.units], layers: Array(repeating: layer, count: run.layers.count))
      for (index, (stored, activation)) in try zip(run.layers, model.activations(for: input)).enumerated() {
        let values = activation.output.scalars
        let squares = values.reduce(0.0) { $0 + Double($1) * Double($1) }
        let size = (squares / Double(values.count)).squareRoot()
        #expect(abs(size / stored.rootMeanSquare - 1) < 1e-3, "\(run.factor), layer \(index + 1): \(size)")
        #expect((0.45...0.55).contains(stored.zeros))
        let positive = values.count { $0 > 0 }
        #expect(abs(stored.counts.reduce(0, +) - positive) < 10, "\(run.factor), layer \(index + 1)")
        // Each layer multiplies the root mean square by the factor, up to the chance of one draw.
        #expect((0.7...1.4).contains(size / pow(run.factor, Double(index + 1))))
      }
    }
  }

  /// 0.7737 and 0.8796 of the text: the second moment of a standard normal distribution truncated at two sigma.
  @Test func theVarianceOfATruncatedNormalDistribution() throws {
    let density = exp(-2.0) / (2 * Double.pi).squareRoot()
    let variance = 1 - 4 * density / erf(2 / 2.0.squareRoot())
    let text = try Article("ConvNet/Initialization").text
    for number in [variance, variance.squareRoot(), 1 / variance] {
      #expect(text.contains(String(format: "%.4f", number)), "\(number)")
    }
    #expect(text.contains(String(format: "| %.2f |", 2.6 * variance)))
  }
}
