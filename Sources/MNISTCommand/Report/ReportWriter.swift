import ConvNet
import ConvNetFiles
import MNISTData

/// Writes the page after training.
struct ReportWriter {
  /// The file of the page.
  let path: String
  /// The test images.
  let test: LabeledImages

  func write(_ result: TrainingResult) throws {
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
