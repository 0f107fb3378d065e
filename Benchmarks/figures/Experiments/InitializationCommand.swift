import ArgumentParser
import ConvNet
import Foundation
import Im2col

/// The activations of ten dense layers with ReLU, for three standard deviations of the kernels.
struct InitializationResult: Codable {
  struct Layer: Codable {
    let rootMeanSquare: Double
    /// The fraction of the activations that are 0.
    let zeros: Double
    /// The number of positive activations in each bin; see `InitializationCommand.bin`.
    let counts: [Int]
  }

  struct Run: Codable {
    /// The standard deviation, divided by that of He's rule.
    let factor: Double
    let layers: [Layer]
  }

  let units: Int
  let batch: Int
  let seed: UInt64
  let runs: [Run]
}

struct InitializationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "initialization",
    abstract:
      "Measures the activations of ten layers with kernels that are too small, that follow He's rule, and that are too large.",
    discussion: """
      Ten dense layers of 512 units with ReLU, over standard normal inputs. Nothing is trained. The kernels are normal \
      with a standard deviation of a half, one, and two times sqrt(2 / fan in).
      """)

  @Option(help: "The folder to write the measurement into.")
  var measured = MeasuredFolder.standard

  static let units = 512
  static let batch = 256
  static let layers = 10
  static let seed: UInt64 = 0
  static let factors = [0.5, 1, 2]

  /// Bins of equal width in the decimal logarithm.
  static let (lowestDecade, highestDecade, binsPerDecade) = (-6, 4, 8)
  static var bins: Int { (highestDecade - lowestDecade) * binsPerDecade }

  /// The bin of a positive activation; the first and the last bin also hold what lies outside.
  static func bin(_ value: Float) -> Int {
    let position = (log10(Double(value)) - Double(lowestDecade)) * Double(binsPerDecade)
    return min(max(Int(position.rounded(.down)), 0), bins - 1)
  }

  func run() throws {
    let (units, batch, seed) = (Self.units, Self.batch, Self.seed)
    let input = try Initializer.normal(standardDeviation: 1).values(
      shape: [batch, units], fanIn: units, fanOut: units, seed: seed, parameterIndex: 1000)
    let runs = try Self.factors.map { factor in
      let sigma = factor * (2 / Double(units)).squareRoot()
      let layers = (0..<Self.layers).map { _ in
        Block.dense(
          units: units, activation: .relu, initializer: .normal(standardDeviation: Float(sigma)))
      }
      let model = try Sequential(inputShape: [units], layers: layers, seed: seed)
      let outputs = try model.activations(for: input).map { Self.statistics($0.output.scalars) }
      print(
        "\(number(factor)): \(outputs.map { String(format: "%.3g", $0.rootMeanSquare) }.joined(separator: " "))"
      )
      return InitializationResult.Run(factor: factor, layers: outputs)
    }
    let result = InitializationResult(units: units, batch: batch, seed: seed, runs: runs)
    try MeasuredFolder(path: measured).write(result, "initialization.json")
  }

  private static func statistics(_ values: [Float]) -> InitializationResult.Layer {
    let squares = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    let positive = values.filter { $0 > 0 }
    var counts = [Int](repeating: 0, count: bins)
    for value in positive { counts[bin(value)] += 1 }
    let significant = { (value: Double) in Double(String(format: "%.4g", value)) ?? value }
    return InitializationResult.Layer(
      rootMeanSquare: significant((squares / Double(values.count)).squareRoot()),
      zeros: significant(1 - Double(positive.count) / Double(values.count)), counts: counts)
  }
}
