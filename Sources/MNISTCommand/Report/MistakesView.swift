import DigitImages
import Im2col
import MNISTData

/// The images that were taken for something else with the most confidence.
struct MistakesView {
  let shown: [MistakeView]
  let mistakeSentence: String
  let hasMistakes, isOnlyAPart: Bool

  init(_ report: TrainingReport) throws {
    let score = report.evaluation.score
    let count = score.images - score.correct
    shown = try report.mostConfidentErrors.map { try MistakeView($0, report) }
    mistakeSentence =
      count == 1
      ? "One image was taken for something else."
      : "\(NumberText.grouped(count)) images were taken for something else."
    (hasMistakes, isOnlyAPart) = (count > 0, count > shown.count)
  }
}

/// One of them.
struct MistakeView {
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
    // 0.99999 is not certainty.
    let share = Double(result.probability)
    confidence = share > 0.9999 && share < 1 ? "> 99.99%" : NumberText.percent(share, 2)
  }
}
