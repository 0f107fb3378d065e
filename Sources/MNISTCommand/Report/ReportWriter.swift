import ConvNet
import ConvNetFiles
import Foundation
import MNISTData

/// Writes the page after training.
final class ReportWriter: TrainingObserver {
  private let path: String
  private let test: LabeledImages

  /// - Parameters:
  ///   - path: the file of the page.
  ///   - test: the test images.
  init(path: String, test: LabeledImages) { (self.path, self.test) = (path, test) }

  func finished(_ result: TrainingResult) throws {
    var report = TrainingReport(
      model: result.file, network: try result.file.model(), test: test, evaluation: result.evaluation)
    report.extraFacts = [
      (
        "training time",
        "\(NumberText.seconds(result.seconds)), \(result.imagesPerSecond.grouped) images/s"
      )
    ]
    try report.write(to: path)
  }
}
