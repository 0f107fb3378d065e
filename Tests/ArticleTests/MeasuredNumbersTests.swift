import Foundation
import Testing

/// Numbers in the articles' text that come from `Benchmarks/measured`.
struct MeasuredNumbersTests {
  private static let folder = Package.root.appendingPathComponent("Benchmarks/measured")

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
    let curves = try read(Curves.self, "relu-tanh.json")
    let article = try Article("ConvNet/AlexNetPaper").prose
    for activation in ["relu", "tanh"] {
      let runs = curves.runs.filter { $0.activation == activation }
      let means = try #require(runs.first).errors.indices.map { index in
        runs.map { $0.errors[index] }.reduce(0, +) / Double(runs.count)
      }
      for share in [0.15, 0.1] {
        let window = try #require(means.firstIndex { $0 < share }) + 1
        #expect(article.contains(grouped(window * curves.window)), "\(activation) below \(share)")
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
    let result = try read(Regularization.self, name)
    let article = try Article("ConvNet/AlexNetPaper").prose
    for arm in ["plain", "dropout", "shifts", "both"] {
      let errors = try result.runs.filter { $0.arm == arm }.map { try #require($0.testErrors.last) * 100 }
      let mean = errors.reduce(0, +) / Double(errors.count)
      #expect(article.contains(String(format: "%.2f %%", mean)), "\(arm): \(mean)")
    }
  }

  private struct TrainingLine: Decodable { let test_accuracy: Double? }

  @Test func testErrorOfFiveTrainings() throws {
    let errors = try (0..<5).map { seed in
      let lines = try self.lines(TrainingLine.self, "learning-seed\(seed).jsonl")
      return 100 * (1 - (try #require(lines.last?.test_accuracy)))
    }
    let mean = String(format: "%.2f %% (mean of five seeds)", errors.reduce(0, +) / 5)
    #expect(try Article("ConvNet/TrainingLeNet5").prose.contains(mean), "it is \(mean)")
  }

  private struct ProfileLine: Decodable {
    let `case`: String
    let share: Double
    let gflops: Double?
    let sgemm_gflops: Double?
  }

  @Test func theLargestStepOfTheProfile() throws {
    let steps = try lines(ProfileLine.self, "profile.jsonl").filter { $0.sgemm_gflops != nil }
    let largest = try #require(steps.max { $0.share < $1.share })
    let (rate, roof) = (try #require(largest.gflops), try #require(largest.sgemm_gflops))
    let text =
      "\(Int((largest.share * 100).rounded())) % of the time, at \(Int(rate.rounded())) of \(Int(roof.rounded())) GFLOP/s"
    #expect(try Article("ConvNet/HowTheEngineIsFast").prose.contains(text), "it is \(text) (\(largest.case))")
  }

  private func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: Self.folder.appendingPathComponent(name)))
  }

  private func lines<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> [Value] {
    try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8).split(separator: "\n")
      .map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
  }

  /// `5950` as `5,950`.
  private func grouped(_ number: Int) -> String {
    number < 1000 ? "\(number)" : "\(number / 1000)," + String(format: "%03d", number % 1000)
  }
}
