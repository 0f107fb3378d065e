import Im2col

/// A convolution layer of a shapes file.
///
///     {"name": "resnet1", "batch": 4, "height": 224, "width": 224, "kernel": [7, 7], "stride": [2, 2],
///      "padding": [3, 3], "in": 3, "out": 64, "first": true}
///
/// Pairs are `[height, width]`; padding is per side. `stride`, `dilation`, `groups`, `padding`, and `first` are
/// optional. The first layer of a network has no input gradient.
struct LayerShape: Equatable {
  var name: String
  var batch: Int
  var height: Int
  var width: Int
  var kernel: [Int]
  var inputs: Int
  var outputs: Int
  var stride = [1, 1]
  var dilation = [1, 1]
  var padding = [0, 0]
  var groups = 1
  var first = false

  /// Returns the geometry of the layer.
  ///
  /// - Throws: `LayerShapeError` with the layer's name and numbers if they are invalid.
  func geometry() throws(LayerShapeError) -> ConvolutionGeometry {
    for (field, value) in [("batch", batch), ("in", inputs), ("out", outputs), ("groups", groups)]
    where value < 1 {
      throw problem("\"\(field)\" is \(value); it must be at least 1")
    }
    do {
      let geometry = try ConvolutionGeometry(
        input: [batch, height, width, inputs], kernel: [kernel[0], kernel[1], inputs / groups, outputs],
        stride: Size2D(height: stride[0], width: stride[1]),
        dilation: Size2D(height: dilation[0], width: dilation[1]), groups: groups,
        padding: .explicit(top: padding[0], bottom: padding[0], left: padding[1], right: padding[1]))
      try MachineMemory.require(bytes(geometry), orThrow: problem)
      return geometry
    } catch let error as ShapeError {
      throw problem(error.description)
    } catch let error as LayerShapeError {
      throw error
    } catch {
      throw problem("\(error)")
    }
  }

  /// The bytes of all tensors of the layer and their gradients.
  private func bytes(_ geometry: ConvolutionGeometry) -> Double {
    8 * (Double(geometry.inputCount) + Double(geometry.kernelCount) + Double(geometry.outputCount))
  }

  private func problem(_ text: String) -> LayerShapeError { .layer(name: name, problem: text) }
}

/// Why a shapes file cannot be used.
enum LayerShapeError: Error, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case notAList(reason: String)
  case empty
  case element(Int, problem: String)
  case layer(name: String, problem: String)
  case twice(name: String)

  var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "cannot read the shapes file \(path): \(reason)"
    case .notAList(let reason):
      "the shapes are not a JSON list of layers: \(reason)"
    case .empty:
      "the list of layers is empty; declare at least one"
    case .element(let index, let problem):
      "layer \(index) of the shapes (counted from 0): \(problem)"
    case .layer(let name, let problem):
      "layer \"\(name)\": \(problem)"
    case .twice(let name):
      "two layers are named \"\(name)\"; give every layer a different name"
    }
  }
}
