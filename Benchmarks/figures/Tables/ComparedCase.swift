import Foundation

/// The rates of a case and those of the fastest other library, one element per round.
package struct ComparedCase: Decodable {
  /// For example `layer/vgg3_2/forward`.
  package let name: String
  package let ours: [Double]
  package let peer: [Double]
  /// The name of the fastest library.
  package let framework: [String]

  private enum CodingKeys: String, CodingKey {
    case name = "case"
    case ours, peer, framework
  }

  /// Our rate over the other one, round by round.
  package var ratios: [Double] { zip(ours, peer).map { $0 / $1 } }

  /// The round with the median ratio; the lower one of two.
  package var medianRound: Int {
    let order = ratios.indices.sorted { ratios[$0] < ratios[$1] }
    return order[(order.count - 1) / 2]
  }

  package var medianRatio: Double { ratios[medianRound] }
}

/// A layer of `Benchmarks/peers/layers.json` or `kinds.json`.
struct ComparedLayer: Decodable {
  let name: String
  let batch, height, width: Int
  let kernel: [Int]
  let inputs, outputs: Int
  let stride, dilation: [Int]?
  let groups: Int?

  private enum CodingKeys: String, CodingKey {
    case name, batch, height, width, kernel, stride, dilation, groups
    case inputs = "in"
    case outputs = "out"
  }

  /// For example `3x3, 64 to 128 channels, 4 x 56x56, stride 2`.
  var text: String {
    var text =
      "\(kernel[0])x\(kernel[1]), \(inputs) to \(outputs) channels, \(batch) x \(height)x\(width)"
    if let stride, stride != [1, 1] { text += ", stride \(stride[0])" }
    if let dilation, dilation != [1, 1] { text += ", dilation \(dilation[0])" }
    if let groups, groups > 1 { text += ", \(groups) groups" }
    return text
  }
}

extension Sequence where Element == Double {
  /// The geometric mean; NaN of an empty sequence.
  package var geometricMean: Double {
    let logarithms = map { log($0) }
    return exp(logarithms.reduce(0, +) / Double(logarithms.count))
  }
}
