import ConvNet
import ConvNetFiles
import Foundation
import MNISTData

/// Writes the page when a training is done.
final class ReportWriter: TrainingObserver {
  private let path: String
  private let test: LabeledImages

  /// - Parameters:
  ///   - path: of the page.
  ///   - test: the images that the model is tested on.
  init(path: String, test: LabeledImages) { (self.path, self.test) = (path, test) }

  func finished(_ result: TrainingResult) throws {
    var report = TrainingReport(
      model: result.file, network: try result.file.model(), test: test, evaluation: result.evaluation)
    report.extraFacts = [
      (
        "training time",
        "\(NumberText.seconds(result.seconds)), \(NumberText.grouped(result.imagesPerSecond)) images/s"
      )
    ]
    try report.write(to: path)
  }
}
