import ConvNet
import ConvNetFiles
import DigitImages
import Im2col
import MNISTData

/// The content of a report, from a model and its test images.
struct TrainingReport {
  let model: ModelFile
  let network: Sequential
  let test: LabeledImages
  let evaluation: Evaluation
  /// Facts about a training run that the model file does not have, such as its duration.
  var extraFacts: [(name: String, value: String)] = []

  /// The maximum number of wrong predictions shown.
  static let maxErrors = 40

  /// The indices of wrong predictions in descending order of confidence; ties in order of the index.
  var mostConfidentErrors: [Int] {
    let predictions = evaluation.predictions
    let wrong = predictions.indices.filter { !predictions[$0].isCorrect }
    let mostConfidentFirst = wrong.sorted {
      predictions[$0].probability == predictions[$1].probability
        ? $0 < $1 : predictions[$0].probability > predictions[$1].probability
    }
    return Array(mostConfidentFirst.prefix(Self.maxErrors))
  }

  /// The image shown layer by layer: the first with a correct prediction, else the first.
  var exampleImage: Int { evaluation.predictions.firstIndex(where: \.isCorrect) ?? 0 }

  /// Renders the page.
  ///
  /// - Throws: `EngineError` if memory cannot hold the outputs of the layers.
  func page() throws -> String { try ReportPage.render(ReportView(self)) }

  /// Writes the page atomically.
  ///
  /// - Throws: `FileError` with the path and the reason.
  func write(to path: String) throws {
    try AtomicFile.write(Array(page().utf8), to: path, calls: FileWarnings.calls)
  }
}
