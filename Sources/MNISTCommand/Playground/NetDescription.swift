import ConvNet
import ConvNetFiles
import Foundation
import Im2col

/// A model as the page's script reads it: layers with resolved shapes and paddings, and the parameters.
///
/// This is the only place that turns the layers of a model into the page's layers; `arithmetic.js` documents their
/// members. Dropout is left out, since it has no effect in inference.
package struct NetDescription: Encodable {
  /// `[height, width, channels]`.
  let inputShape: [Int]
  let layers: [Layer]
  let parameters: [Parameter]
  let classNames: [String]
  let pixelDivisor: Int

  /// A layer; a member that its kind lacks is nil.
  struct Layer: Encodable {
    let kind, name: String
    let input, output: [Int]
    var window, stride, dilation, before: [Int]?
    var groups: Int?
    var mode: String?
    /// The indices of its parameters.
    var kernel, bias: Int?
    let activation: String
  }

  /// A parameter array.
  struct Parameter: Encodable {
    let name: String
    let shape: [Int]
    /// Little-endian Float32 in base64.
    let values: String

    init(_ named: NamedTensor) {
      (name, shape) = (named.name, named.tensor.shape)
      values = named.tensor.scalars.withUnsafeBytes { Data($0) }.base64EncodedString()
    }
  }

  /// - Throws: `UnfitModel` if the page cannot show the model.
  package init(_ model: Sequential, classNames: [String], pixelDivisor: Int) throws {
    (inputShape, self.classNames, self.pixelDivisor) = (model.inputShape, classNames, pixelDivisor)
    parameters = model.parameterTensors.map(Parameter.init)
    guard model.graph.isChain else {
      throw UnfitModel.layer(
        model.summaryRows.last?.name ?? "", reason: "the model has branches, and the page shows a chain")
    }
    let names = model.summaryRows.map(\.name)
    var (shape, next, layers): ([Int], Int, [Layer]) = (model.inputShape, 0, [])
    for (layer, name) in zip(model.graph.layers, names) {
      guard let described = try Self.layer(layer, named: name, input: shape, firstParameter: next) else {
        continue
      }
      if described.kernel != nil { next += 2 }
      shape = described.output
      layers.append(described)
    }
    if let early = layers.dropLast().first(where: { $0.activation == Activation.softmax.description }) {
      throw UnfitModel.layer(early.name, reason: "it has a softmax before the end of the model")
    }
    self.layers = layers
  }

  /// The activations that the page computes.
  private static let activations: [Activation] = [.identity, .relu, .tanh, .sigmoid, .softmax]

  private static func name(of activation: Activation, in layer: String) throws -> String {
    guard activations.contains(activation) else {
      throw UnfitModel.layer(layer, reason: "its activation is \(activation)")
    }
    return activation.description
  }

  /// - Returns: nil for a layer that has no effect in inference.
  private static func layer(
    _ layer: any ConvNet.Layer, named name: String, input: [Int], firstParameter: Int
  ) throws -> Layer? {
    let identity = Activation.identity.description
    switch layer {
    case let layer as ConvolutionLayer where layer.useBias:
      let window = try WindowGeometry(
        input: Size2D(height: input[0], width: input[1]), kernel: layer.kernel, stride: layer.stride,
        dilation: layer.dilation, padding: layer.padding)
      var described = Layer(
        kind: "convolution", name: name, input: input,
        output: [window.output.height, window.output.width, layer.filters],
        activation: try Self.name(of: layer.activation, in: name))
      described.setWindow(window)
      (described.groups, described.kernel, described.bias) = (
        layer.groups, firstParameter, firstParameter + 1
      )
      return described
    case let layer as PoolingLayer where layer.dilation == 1 && !layer.roundsUp && !layer.countsPadding:
      let window = try WindowGeometry(
        input: Size2D(height: input[0], width: input[1]), kernel: layer.window, stride: layer.stride,
        padding: layer.padding)
      var described = Layer(
        kind: "pooling", name: name, input: input,
        output: [window.output.height, window.output.width, input[2]], activation: identity)
      described.setWindow(window)
      described.mode = layer.mode == .max ? "max" : "average"
      return described
    case let layer as DenseLayer where layer.useBias:
      var described = Layer(
        kind: "dense", name: name, input: input, output: [layer.units],
        activation: try Self.name(of: layer.activation, in: name))
      (described.kernel, described.bias) = (firstParameter, firstParameter + 1)
      return described
    case is FlattenLayer:
      return Layer(
        kind: "flatten", name: name, input: input, output: [input.reduce(1, *)], activation: identity)
    case let layer as ActivationLayer:
      return Layer(
        kind: "activation", name: name, input: input, output: input,
        activation: try Self.name(of: layer.activation, in: name))
    case is DropoutLayer:
      return nil
    case is ResponseNormalizationLayer:
      throw UnfitModel.layer(name, reason: "it normalizes across channels")
    default:
      throw UnfitModel.layer(name, reason: "the page cannot compute it")
    }
  }
}

extension NetDescription.Layer {
  /// Sets the members of a layer with a sliding window.
  fileprivate mutating func setWindow(_ geometry: WindowGeometry) {
    let axes = [geometry.height, geometry.width]
    (window, stride) = (axes.map(\.kernel), axes.map(\.stride))
    (dilation, before) = (axes.map(\.dilation), axes.map(\.before))
  }
}

/// A model that the page cannot show.
package enum UnfitModel: Error, Equatable, CustomStringConvertible {
  /// The page draws images of one size.
  case input([Int])
  case layer(String, reason: String)
  /// The images are of other classes.
  case classes(model: Int, images: Int)
  /// The page would have too many bytes.
  case size(bytes: Int, limit: Int, parameters: Int)
  /// Too many outputs to compute and to show while one draws.
  case outputs(Int, limit: Int)

  package var description: String {
    switch self {
    case .input(let shape):
      "the playground draws images of 28 x 28 x 1, but the model's input is \(shape.map(String.init).joined(separator: " x ")); "
        + "use a model of MNIST's images"
    case .layer(let name, let reason):
      "the playground cannot show the layer \(name): \(reason); use a model without it"
    case .classes(let model, let images):
      "the model has \(model) classes, but the test images have \(images); give the model's data set with --data"
    case .size(let bytes, let limit, let parameters):
      "the page would have \(bytes.grouped) bytes with the model's \(parameters.grouped) parameters, and at most "
        + "\(limit.grouped) are allowed; use a smaller model, such as LeNet-5"
    case .outputs(let count, let limit):
      "the layers of the model have \(count.grouped) outputs for one image, and the playground shows at most "
        + "\(limit.grouped); use a smaller model, such as LeNet-5"
    }
  }
}
