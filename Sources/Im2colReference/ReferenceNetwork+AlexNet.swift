import ConvNet
import Im2col

extension ReferenceNetwork {
  /// Creates the reference of a model with the kinds of layers of AlexNet, and with its parameters.
  ///
  /// - Parameters:
  ///   - dropout: the number of images of the batch and the update whose dropout masks are used; nil for
  ///     inference.
  /// - Throws: `EngineError` if a layer is of another kind.
  package init(_ model: Sequential, dropout: (images: Int, update: Int)? = nil) throws {
    var layers: [Layer] = []
    for (index, planned) in model.plan.nodes.enumerated() {
      switch planned.layer {
      case let layer as ConvolutionLayer:
        layers.append(
          .convolution(
            filters: layer.filters, kernel: layer.kernel, stride: layer.stride, groups: layer.groups,
            padding: layer.padding, activation: layer.activation))
      case let layer as PoolingLayer:
        layers.append(
          .pooling(layer.mode == .max ? .max : .average, window: layer.window, stride: layer.stride))
      case is FlattenLayer: layers.append(.flatten)
      case let layer as DenseLayer:
        let isLast = index == model.plan.nodes.count - 1
        layers.append(.dense(units: layer.units, activation: isLast ? .identity : layer.activation))
      case let layer as ResponseNormalizationLayer:
        layers.append(
          .normalization(
            LoopNestNormalization(
              size: layer.size, k: Double(layer.k), alpha: Double(layer.alpha), beta: Double(layer.beta))))
      case let layer as DropoutLayer:
        guard let dropout else { continue }
        layers.append(
          .factors(
            ReferenceNetwork.factors(
              rate: Double(layer.rate), count: planned.outputShape.reduce(1, *), layer: index,
              seed: model.seed,
              images: dropout.images, update: dropout.update)))
      default:
        throw EngineError.shape(
          .unsupported("this reference does not support layers of kind \(planned.layer.kindName)"))
      }
    }
    self.init(layers: layers, parameters: model.parameterTensors.map { DoubleTensor($0.tensor) })
  }

  /// Returns 0 or `1 / (1 - rate)` for every scalar, `[images, count]`, from the words of the generator.
  private static func factors(
    rate: Double, count: Int, layer: Int, seed: UInt64, images: Int, update: Int
  ) -> DoubleTensor {
    let random = CounterRandom(seed: seed, stream: .dropout(layer: layer, update: update))
    var factors: [Double] = []
    for image in 0..<images {
      for element in 0..<count {
        let word = random.block(UInt64(image) << 32 + UInt64(element / 4))[element % 4]
        factors.append(Double(word) >= rate * 0x1p32 ? 1 / (1 - rate) : 0)
      }
    }
    return DoubleTensor(shape: [images, count], scalars: factors)
  }
}
