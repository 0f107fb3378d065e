import ConvNetFiles
import DigitImages
import Im2col
import MNISTData

/// A loaded model, and how its predictions are printed.
final class PredictionSession {
  let probabilities: Probabilities
  let scale: PixelScale
  let model: ModelFile
  let style: TextStyle
  private var hasWarned = false

  init(probabilities: Probabilities, scale: PixelScale, model: ModelFile, style: TextStyle) {
    (self.probabilities, self.scale, self.model, self.style) = (probabilities, scale, model, style)
  }

  /// Prints the predictions for the images selected by the options.
  func predict(_ images: PredictionImages, options: Predict) throws {
    let selection = options.index ?? IndexList(0...0)
    try selection.require(below: images.count, of: images.name)
    for index in selection.indices {
      let image = try images.tensor(index)
      let outputs = try probabilities.of(image, named: images.name)
      guard outputs.allSatisfy(\.isFinite) else {
        throw NonFiniteOutput(path: options.model, image: images.path)
      }
      var prediction = Prediction(
        index: images.drawing == nil ? index : nil, label: images.label(index), file: images.path,
        outputs: zip(model.classNames, outputs).map { ($0, Double($1)) })
      prediction.wasInverted = images.drawing?.wasInverted
      if options.picture ?? (images.drawing != nil) { prediction.picture = picture(image) }
      try StandardStream.output.line(options.json ? prediction.record() : prediction.text(style: style))
    }
  }

  /// Converts an input of the network back to bytes; nil if it is not a gray image.
  private func picture(_ image: Tensor) -> GrayImage? {
    guard image.shape.count == 4, image.shape[3] == 1, image.count > 0 else { return nil }
    return GrayImage(
      size: Size2D(height: image.shape[1], width: image.shape[2]),
      pixels: image.scalars.map { UInt8(min((max($0, 0) * Float(scale.rawValue)).rounded(), 255)) })
  }

  /// Warns once if drawings are normalized as digits but the model's classes are not digits.
  func warnIfClassesAreNotDigits() {
    guard !hasWarned, model.classNames != (0...9).map(String.init) else { return }
    hasWarned = true
    StandardStream.error.message(
      "warning: drawings are scaled and centered as digits, but the model's classes are "
        + model.classNames.joined(separator: ", "))
  }
}

/// An error that concerns one file; the next ones are still processed.
protocol SingleFileError: Error {}
extension PictureError: SingleFileError {}
extension UnfitImages: SingleFileError {}
extension DatasetError: SingleFileError {}
extension NonFiniteOutput: SingleFileError {}

/// Files without a prediction; the error of each has been printed.
struct FailedFiles: Error, CustomStringConvertible {
  let failures, files: Int

  var description: String {
    "\(failures) of \(files) files have no prediction; see the messages above"
  }
}
