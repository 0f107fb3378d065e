import ConvNetFiles
import Foundation
import Im2col

/// Files that commit 1ea83b6 wrote; see `Fixtures/1ea83b6/README.md`.
enum FormatFixtures {
  static let folder = Bundle.module.bundleURL.appendingPathComponent("Fixtures/1ea83b6").path

  static func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// The inputs and outputs of the fixtures' models when they were written.
  static let answers = Result { try SafetensorsFile(contentsOf: path("answers.safetensors")) }

  /// One tensor of the answers.
  static func answer(_ name: String) throws -> Tensor {
    guard let tensor = try answers.get()[name] else { throw NoAnswer(name: name) }
    return tensor
  }

  struct NoAnswer: Error { let name: String }

  /// The lines of a file.
  static func lines(_ name: String) throws -> [String] {
    try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// The tolerance for machines other than the one that wrote the fixtures.
  static let tolerance: Float = 1e-6

  /// The largest absolute difference; infinite if the counts differ.
  static func distance(_ one: [Float], _ other: [Float]) -> Float {
    guard one.count == other.count else { return .infinity }
    return zip(one, other).map { abs($0 - $1) }.max() ?? 0
  }
}
