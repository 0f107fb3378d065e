import ConvNet
import ConvNetFiles
import DigitImages
import Im2col
import MNISTData

/// Everything that a report shows, gathered from a model and the images that it is tested on.
struct TrainingReport {
  let model: ModelFile
  let network: Sequential
  let test: LabeledImages
  let evaluation: Evaluation
  /// What a training knows of itself and a model file does not, such as its time.
  var extraFacts: [(name: String, value: String)] = []

  /// As many mistakes are shown.
  static let mistakes = 36

  /// Images whose predictions are wrong, the surest first; of equally sure ones the first.
  var mostConfidentErrors: [Int] {
    let predictions = evaluation.predictions
    let wrong = predictions.indices.filter { !predictions[$0].isCorrect }
    let mostConfidentFirst = wrong.sorted {
      predictions[$0].probability == predictions[$1].probability
        ? $0 < $1 : predictions[$0].probability > predictions[$1].probability
    }
    return Array(mostConfidentFirst.prefix(Self.mistakes))
  }

  /// The image whose way through the layers is shown: the first that was recognized, else the first.
  var exampleImage: Int { evaluation.predictions.firstIndex(where: \.isCorrect) ?? 0 }

  /// The page.
  ///
  /// - Throws: `EngineError` when memory cannot hold the layers' outputs.
  func page() throws -> String { try ReportPage.render(ReportView(self)) }

  /// Writes the page so that its path leads to a whole one, whatever happens.
  ///
  /// - Throws: `FileError` with the path and what is wrong.
  func write(to path: String) throws { try AtomicFile.write(Array(page().utf8), to: path) }
}
