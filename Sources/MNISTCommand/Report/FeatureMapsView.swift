import ConvNet
import DigitImages
import Im2col

/// What every layer makes of one image.
struct FeatureMapsView {
  let exampleIndex: String
  let exampleLabel: String
  let exampleInput: PictureView
  let stages: [StageView]

  /// One layer.
  struct StageView {
    let stage, shape: String
    /// What the shades mean.
    let scale: String
    let maps: [PictureView]
    let mapWidth: Int
    let channels: Int
    let hidesSome: Bool
    /// For the last layer: the classes with their shares.
    let shares: [ShareView]
    let hasShares: Bool
  }

  /// A class' share of the answer.
  struct ShareView {
    let shareClass, sharePercent, shareWidth: String
  }

  private static let maxMaps = 64

  init(_ report: TrainingReport) throws {
    let index = report.exampleImage
    let image = report.test[index..<index + 1].tensor()
    exampleIndex = String(index)
    exampleLabel = report.model.classNames[report.test.label(of: index)]
    exampleInput = try PictureView(
      image.scalars, size: Size2D(height: image.shape[1], width: image.shape[2]), range: 0...1)
    let activations = try report.network.activations(for: image)
    let shares = try Probabilities(report.network).of(image, named: report.test.name)
    stages = try activations.enumerated().map { place, layer in
      let isLast = place == activations.count - 1
      return try StageView(layer, shares: isLast ? Array(zip(report.model.classNames, shares)) : [])
    }
  }
}

extension FeatureMapsView.StageView {
  fileprivate init(_ layer: LayerActivation, shares: [(name: String, share: Float)]) throws {
    let extent = layer.output.scalars.extent
    // Zero is black where nothing is negative, as behind ReLU.
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
    hasShares = !shares.isEmpty
    self.shares = shares.map { name, share in
      let percent = NumberText.fixed(100 * Double(share), 2)
      return FeatureMapsView.ShareView(shareClass: name, sharePercent: percent + "%", shareWidth: percent)
    }
  }
}

/// A layer's output for one image as planes that can be looked at.
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

  /// Rows of equal length where there are such, else the last one filled up with zeros.
  private static func columns(of features: Int) -> Int {
    let divisor = (1...min(features, 25)).last { features.isMultiple(of: $0) } ?? 1
    return divisor >= min(features, 8) ? divisor : min(features, 20)
  }

  /// `[height, width]` of one plane.
  func numbers(_ plane: Int) -> [Float] {
    let places = size.height * size.width
    guard !isVector else { return scalars + [Float](repeating: 0, count: places - scalars.count) }
    return (0..<places).map { scalars[$0 * count + plane] }
  }

  /// CSS pixels a number gets: small planes are shown larger, but not as large as large ones.
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
