import Im2col
import MNISTData

/// Images that a model is asked about, wherever they come from.
struct AskedImages {
  /// For messages.
  let name: String
  /// nil for a data set.
  let path: String?
  let count: Int
  /// One image, `[1, height, width, 1]`.
  let tensor: (_ index: Int) throws -> Tensor
  /// The right answer, where it is known.
  let label: (_ index: Int) -> String?

  /// Images with their answers.
  init(_ images: LabelledImages) {
    (name, path, count) = ("the test set of \(images.name)", nil, images.count)
    tensor = { images[$0..<$0 + 1].tensor() }
    label = { images.classNames[images.label(of: $0)] }
  }

  /// Images of a file of their own.
  init(idxFile path: String, scale: PixelScale) throws(DatasetError) {
    let images = try IDXImages(path: path)
    (name, self.path, count) = (path, path, images.count)
    tensor = { try images.tensor($0..<$0 + 1, scale: scale) }
    label = { _ in nil }
  }
}
