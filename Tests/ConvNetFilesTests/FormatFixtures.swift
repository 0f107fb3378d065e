import ConvNetFiles
import Foundation
import Im2col

/// Files that the package wrote at commit 1ea83b6; see the README beside them.
enum FormatFixtures {
  static let folder = Bundle.module.bundleURL.appendingPathComponent("Fixtures/1ea83b6").path

  static func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// What the models of the fixtures answered when they were written, and what they were asked.
  static let answers = Result { try SafetensorsFile(contentsOf: path("answers.safetensors")) }

  /// One of the answers' tensors.
  static func answer(_ name: String) throws -> Tensor {
    guard let tensor = try answers.get()[name] else { throw NoAnswer(name: name) }
    return tensor
  }

  struct NoAnswer: Error { let name: String }

  /// A file's lines, without their newlines.
  static func lines(_ name: String) throws -> [String] {
    try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// How far numbers may be from those of the machine that wrote the fixtures.
  static let tolerance: Float = 1e-6

  /// The largest distance between numbers of two tensors; infinite where one has more of them.
  static func distance(_ one: [Float], _ other: [Float]) -> Float {
    guard one.count == other.count else { return .infinity }
    return zip(one, other).map { abs($0 - $1) }.max() ?? 0
  }
}
