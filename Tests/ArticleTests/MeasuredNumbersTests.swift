import Foundation
import Im2col
import Testing
import figures

/// Numbers in the articles' text that come from `Benchmarks/measured`.
struct MeasuredNumbersTests {
  private let measured = MeasuredFolder(
    path: Package.root.appendingPathComponent(MeasuredFolder.standard).path)

  /// The text of the article that shows a picture, with percentages written without a space.
  private func prose(showing picture: String) throws -> String {
    let article = try #require(try Article.all().first { $0.text.contains("(\(picture).svg)") })
    return article.prose.replacing(" %", with: "%")
  }

  private struct Curves: Decodable {
    struct Run: Decodable {
      let activation: String
      let learningRate: Double
      let errors: [Double]
    }
    let window: Int
    let runs: [Run]
  }

  @Test func reluAndTanh() throws {
    let curves = try measured.read(Curves.self, "relu-tanh.json")
    let article = try prose(showing: "relu-tanh")
    for activation in ["relu", "tanh"] {
      let runs = curves.runs.filter { $0.activation == activation }
      let means = try #require(runs.first).errors.indices.map { index in
        runs.map { $0.errors[index] }.reduce(0, +) / Double(runs.count)
      }
      for threshold in [0.15, 0.1] {
        let window = try #require(means.firstIndex { $0 < threshold }) + 1
        #expect(article.contains((window * curves.window).grouped), "\(activation) below \(threshold)")
      }
    }
  }

  private struct Regularization: Decodable {
    struct Run: Decodable {
      let arm: String
      let testErrors: [Double]
      let trainingError: Double
    }
    let runs: [Run]
  }

  @Test(arguments: ["regularization.json", "regularization-40-epochs.json"])
  func dropoutAndShifts(name: String) throws {
    let result = try measured.read(Regularization.self, name)
    let article = try prose(showing: "regularization")
    for arm in ["plain", "dropout", "shifts", "both"] {
      let errors = try result.runs.filter { $0.arm == arm }.map { try #require($0.testErrors.last) * 100 }
      let mean = errors.reduce(0, +) / Double(errors.count)
      #expect(article.contains(String(format: "%.2f%%", mean)), "\(arm): \(mean)")
    }
  }

  private struct TrainingLine: Decodable { let test_accuracy: Double? }

  @Test func testErrorOfFiveTrainings() throws {
    let errors = try (0..<5).map { seed in
      let lines = try measured.lines(TrainingLine.self, "learning-seed\(seed).jsonl")
      return 100 * (1 - (try #require(lines.last?.test_accuracy)))
    }
    let mean = String(format: "%.2f%% (mean of five seeds)", errors.reduce(0, +) / 5)
    #expect(try prose(showing: "learning").contains(mean), "it is \(mean)")
  }
}
