import DigitImages
import Im2col
import MNISTData

/// The wrong predictions with the highest confidence.
struct ErrorsView {
  let shown: [ErrorView]
  let errorSentence: String
  let hasErrors, isOnlyAPart: Bool

  init(_ report: TrainingReport) throws {
    let score = report.evaluation.score
    let count = score.images - score.correct
    shown = try report.mostConfidentErrors.map { try ErrorView($0, report) }
    errorSentence =
      count == 1
      ? "One image was misclassified."
      : "\(count.grouped) images were misclassified."
    (hasErrors, isOnlyAPart) = (count > 0, count > shown.count)
  }
}

/// One wrong prediction.
struct ErrorView {
  let index: String
  let picture: PictureView
  let label, prediction, confidence: String

  init(_ index: Int, _ report: TrainingReport) throws {
    let result = report.evaluation.predictions[index]
    let images = report.test[index..<index + 1].tensor()
    let size = Size2D(height: images.shape[1], width: images.shape[2])
    self.index = String(index)
    picture = try PictureView(images.scalars, size: size, range: 0...1)
    label = report.model.classNames[result.label]
    prediction = report.model.classNames[result.predicted]
    let probability = Double(result.probability)
    // Rounding must not claim certainty.
    confidence =
      probability > 0.9999 && probability < 1 ? "> 99.99%" : NumberText.percent(probability, 2)
  }
}
