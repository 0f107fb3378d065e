import ConvNet
import ConvNetFiles
import DigitImages
import Im2col
import MNISTData

/// The output of every layer for one image.
struct FeatureMapsView {
  let exampleIndex: String
  let exampleLabel: String
  let exampleInput: PictureView
  let stages: [StageView]

  /// One layer.
  struct StageView {
    let stage, shape: String
    /// The meaning of black and white.
    let scale: String
    let maps: [PictureView]
    let mapWidth: Int
    let channels: Int
    let hidesSome: Bool
    /// The classes with their probabilities, for the last layer only.
    let probabilities: [ProbabilityView]
    let hasProbabilities: Bool
  }

  /// The probability of a class.
  struct ProbabilityView {
    let probabilityClass, probabilityPercent, probabilityWidth: String
  }

  private static let maxMaps = 64

  init(_ report: TrainingReport) throws {
    try self.init(
      ofImage: report.exampleImage, of: report.test, model: report.model, network: report.network)
  }

  /// - Parameters:
  ///   - index: the index of the image.
  ///   - test: the images.
  ///   - model: has the names of the classes.
  ///   - network: computes the outputs.
  init(ofImage index: Int, of test: LabeledImages, model: ModelFile, network: Sequential) throws {
    let image = test[index..<index + 1].tensor()
    exampleIndex = String(index)
    exampleLabel = model.classNames[test.label(of: index)]
    exampleInput = try PictureView(
      image.scalars, size: Size2D(height: image.shape[1], width: image.shape[2]), range: 0...1)
    let activations = try network.activations(for: image)
    let probabilities = try Probabilities(network).of(image, named: test.name)
    stages = try activations.enumerated().map { index, layer in
      let isLast = index == activations.count - 1
      return try StageView(
        layer, probabilities: isLast ? Array(zip(model.classNames, probabilities)) : [])
    }
  }
}

extension FeatureMapsView.StageView {
  fileprivate init(_ layer: LayerActivation, probabilities: [(name: String, probability: Float)]) throws {
    let extent = layer.output.scalars.extent
    // Zero is black if nothing is negative, as after ReLU.
    let range = min(extent.lowerBound, 0)...max(extent.upperBound, 0)
    let planes = Planes(layer.output)
    (stage, shape) = (layer.name, shapeText(Array(layer.output.shape.dropFirst())))
    scale =
      "black \(signedText(range.lowerBound)), white \(signedText(range.upperBound))"
    maps = try (0..<min(planes.count, FeatureMapsView.maxMaps)).map {
      try PictureView(planes.numbers($0), size: planes.size, range: range)
    }
    (channels, hidesSome) = (planes.count, planes.count > maps.count)
    mapWidth = planes.size.width * planes.zoom
    hasProbabilities = !probabilities.isEmpty
    self.probabilities = probabilities.map { name, probability in
      let percent = NumberText.fixed(100 * Double(probability), 2)
      return FeatureMapsView.ProbabilityView(
        probabilityClass: name, probabilityPercent: percent + "%", probabilityWidth: percent)
    }
  }
}

/// A layer's output for one image as two-dimensional planes.
private struct Planes {
  let size: Size2D
  let count: Int
  private let scalars: [Float]
  private let isVector: Bool

  /// - Parameter output: `[1, height, width, channels]`, or `[1, features]`, which becomes one plane of rows.
  init(_ output: Tensor) {
    scalars = output.scalars
    isVector = output.shape.count != 4
    if isVector {
      let columns = Planes.columns(of: scalars.count)
      size = Size2D(height: (scalars.count + columns - 1) / columns, width: columns)
      count = 1
    } else {
      size = Size2D(height: output.shape[1], width: output.shape[2])
      count = output.shape[3]
    }
  }

  /// Rows of equal length if possible; otherwise the last row is filled with zeros.
  private static func columns(of features: Int) -> Int {
    let divisor = (1...min(features, 25)).last { features.isMultiple(of: $0) } ?? 1
    return divisor >= min(features, 8) ? divisor : min(features, 20)
  }

  /// The numbers of one plane, `[height, width]`.
  func numbers(_ plane: Int) -> [Float] {
    let pixels = size.height * size.width
    guard !isVector else { return scalars + [Float](repeating: 0, count: pixels - scalars.count) }
    return (0..<pixels).map { scalars[$0 * count + plane] }
  }

  /// The side of a number in CSS pixels: smaller planes are magnified more.
  var zoom: Int {
    if isVector { return 8 }
    return switch max(size.height, size.width) {
    case ...5: 8
    case ...14: 4
    case ...20: 3
    case ...28: 2
    default: 1
    }
  }
}
