import DigitImages
import Im2col
import MNISTData

/// Images that a model is asked about, wherever they come from.
struct PredictionImages {
  /// For messages.
  let name: String
  /// nil for a data set.
  let path: String?
  /// The drawing that this is, where it is one; it has no index.
  var drawing: DigitNormalizer.Digit?
  let count: Int
  /// One image, `[1, height, width, 1]`.
  let tensor: (_ index: Int) throws -> Tensor
  /// The right answer, where it is known.
  let label: (_ index: Int) -> String?

  /// Images with their answers.
  init(_ images: LabeledImages) {
    (name, path, count) = ("the test set of \(images.name)", nil, images.count)
    tensor = { images[$0..<$0 + 1].tensor() }
    label = { images.classNames[images.label(of: $0)] }
  }

  /// One drawing, scaled as the model's images are.
  init(_ drawing: Drawing, scale: PixelScale) {
    (name, path, count, self.drawing) = (drawing.path, drawing.path, 1, drawing.digit)
    tensor = { _ in
      let image = drawing.digit.image
      return try Tensor(
        shape: [1, image.size.height, image.size.width, 1], scalars: image.pixels.map { scale($0) })
    }
    label = { _ in nil }
  }

  /// Images of a file of their own.
  init(idxFile path: String, scale: PixelScale) throws(DatasetError) {
    let images = try IDXImages(path: path)
    (name, self.path, count) = (path, path, images.count)
    tensor = { try images.tensor($0..<$0 + 1, scale: scale) }
    label = { _ in nil }
  }
}
