import ConvNet
import Im2col

/// A layer of a model file of format 1, as version 0.1.0 writes it:
///
///     {"kind":{"convolution":{"_0":{"filters":6,...}}},"name":"conv1"}
///
/// The list of layers is a chain: each one reads the output of the one before it. Graphs, layers with state,
/// layers of other packages, and settings that 0.1.0 does not know need format 2.
package struct LayerFormat1: Codable, Equatable {
  let name: String?
  let kind: Kind

  enum Kind: Codable, Equatable {
    case convolution(ConvolutionLayer)
    case pooling(PoolingLayer)
    case flatten(FlattenLayer)
    case dense(DenseLayer)
    case activation(ActivationLayer)
    case dropout(DropoutLayer)
    case responseNormalization(ResponseNormalizationLayer)
  }

  /// Creates the format of a node; nil when format 1 cannot express it.
  package init?(_ node: Graph.Node) {
    name = node.name
    switch node.layer.layer {
    case let layer as ConvolutionLayer
    where layer.useBias && layer.activation.isOfFormat1 && layer.padding != .sameLower:
      kind = .convolution(layer)
    case let layer as PoolingLayer
    where layer.dilation == 1 && !layer.roundsUp && !layer.countsPadding && layer.padding != .sameLower:
      kind = .pooling(layer)
    case let layer as FlattenLayer: kind = .flatten(layer)
    case let layer as DenseLayer where layer.useBias && layer.activation.isOfFormat1: kind = .dense(layer)
    case let layer as ActivationLayer where layer.activation.isOfFormat1: kind = .activation(layer)
    case let layer as DropoutLayer: kind = .dropout(layer)
    case let layer as ResponseNormalizationLayer: kind = .responseNormalization(layer)
    default: return nil
    }
  }

  /// The layers of a graph; nil when format 1 cannot express it.
  static func layers(of graph: Graph) -> [LayerFormat1]? {
    guard graph.isChain else { return nil }
    let layers = graph.nodes.compactMap(LayerFormat1.init)
    return layers.count == graph.nodes.count ? layers : nil
  }

  /// The layer with its name.
  var block: Block {
    switch kind {
    case .convolution(let layer): .layer(layer, name: name)
    case .pooling(let layer): .layer(layer, name: name)
    case .flatten(let layer): .layer(layer, name: name)
    case .dense(let layer): .layer(layer, name: name)
    case .activation(let layer): .layer(layer, name: name)
    case .dropout(let layer): .layer(layer, name: name)
    case .responseNormalization(let layer): .layer(layer, name: name)
    }
  }
}

extension Activation {
  /// Whether 0.1.0 knows the activation.
  fileprivate var isOfFormat1: Bool {
    [.identity, .relu, .tanh, .sigmoid, .softmax].contains(self)
  }
}
