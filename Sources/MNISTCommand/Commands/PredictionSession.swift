import ConvNetFiles
import DigitImages
import Im2col
import MNISTData

/// A model, ready to be asked, and how its answers are shown.
final class PredictionSession {
  let probabilities: Probabilities
  let scale: PixelScale
  let model: ModelFile
  let style: TextStyle
  private var hasWarned = false

  init(probabilities: Probabilities, scale: PixelScale, model: ModelFile, style: TextStyle) {
    (self.probabilities, self.scale, self.model, self.style) = (probabilities, scale, model, style)
  }

  /// Prints the answers to the images that the options ask for.
  func answer(_ options: Predict, _ images: PredictionImages) throws {
    let asked = options.index ?? IndexList(0...0)
    try asked.require(below: images.count, of: images.name)
    for place in asked.indices {
      let image = try images.tensor(place)
      let outputs = try probabilities.of(image, named: images.name)
      guard outputs.allSatisfy(\.isFinite) else {
        throw NonFiniteOutput(path: options.model, image: images.path)
      }
      var answer = Prediction(
        index: images.drawing == nil ? place : nil, label: images.label(place), file: images.path,
        outputs: zip(model.classNames, outputs).map { ($0, Double($1)) })
      answer.wasInverted = images.drawing?.wasInverted
      if options.picture ?? (images.drawing != nil) { answer.picture = picture(image) }
      try StandardStream.output.line(options.json ? answer.record() : answer.text(style: style))
    }
  }

  /// An image of the network's as bytes again; nil where it has no rows and columns of grays.
  private func picture(_ image: Tensor) -> GrayImage? {
    guard image.shape.count == 4, image.shape[3] == 1, image.count > 0 else { return nil }
    return GrayImage(
      size: Size2D(height: image.shape[1], width: image.shape[2]),
      pixels: image.scalars.map { UInt8(min((max($0, 0) * Float(scale.rawValue)).rounded(), 255)) })
  }

  /// Says once that what is drawn is prepared as a digit, where the model knows something else.
  func warnIfClassesAreNoDigits() {
    guard !hasWarned, model.classNames != (0...9).map(String.init) else { return }
    hasWarned = true
    StandardStream.error.note(
      "warning: drawings are scaled and centered as MNIST's digits are, but the model's classes are "
        + model.classNames.joined(separator: ", ") + "\n")
  }
}

/// What is wrong with one file and says nothing of the next.
protocol SingleFileError: Error {}
extension PictureError: SingleFileError {}
extension UnfitImages: SingleFileError {}
extension DatasetError: SingleFileError {}
extension NonFiniteOutput: SingleFileError {}

/// Some of several files had no answer; each has been told of.
struct FailedFiles: Error, CustomStringConvertible {
  let failures, files: Int

  var description: String {
    "\(failures) of \(files) files had no answer; what is wrong with each stands above"
  }
}
