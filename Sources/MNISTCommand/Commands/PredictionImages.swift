import DigitImages
import Im2col
import MNISTData

/// Input images of `predict` from any source.
struct PredictionImages {
  /// For messages.
  let name: String
  /// The path of the file; nil for a data set.
  let path: String?
  /// The drawing, if this is one; a drawing has no index.
  var drawing: DigitNormalizer.Digit?
  let count: Int
  /// Returns one image, `[1, height, width, 1]`.
  let tensor: (_ index: Int) throws -> Tensor
  /// Returns the name of the label, if known.
  let label: (_ index: Int) -> String?

  /// Labeled images.
  init(_ images: LabeledImages) {
    (name, path, count) = ("the test set of \(images.name)", nil, images.count)
    tensor = { images[$0..<$0 + 1].tensor() }
    label = { images.classNames[images.label(of: $0)] }
  }

  /// One drawing, its pixels scaled like the model's input.
  init(_ drawing: Drawing, scale: PixelScale) {
    (name, path, count, self.drawing) = (drawing.path, drawing.path, 1, drawing.digit)
    tensor = { _ in
      let image = drawing.digit.image
      return try Tensor(
        shape: [1, image.size.height, image.size.width, 1], scalars: image.pixels.map { scale($0) })
    }
    label = { _ in nil }
  }

  /// The images of an IDX file, without labels.
  init(idxFile path: String, scale: PixelScale) throws(DatasetError) {
    let images = try IDXImages(path: path)
    (name, self.path, count) = (path, path, images.count)
    tensor = { try images.tensor($0..<$0 + 1, scale: scale) }
    label = { _ in nil }
  }
}
