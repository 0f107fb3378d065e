import Im2col

/// A network in Double that keeps the input and output of every layer: the reference for the fused ops and
/// micro-batches of the engine.
package struct ReferenceNetwork: Sendable {
  /// A layer.
  package enum Layer: Sendable {
    /// Kernel `[height, width, inputChannels / groups, filters]` and bias `[filters]`.
    case convolution(
      filters: Int, kernel: Size2D, stride: Size2D = 1, groups: Int = 1, padding: Padding,
      activation: Activation)
    /// Pooling, without parameters.
    case pooling(LoopNestPooling.Mode, window: Size2D, stride: Size2D)
    /// `[batch, height, width, channels]` to `[batch, height * width * channels]`.
    case flatten
    /// Kernel `[inputs, units]` and bias `[units]`.
    case dense(units: Int, activation: Activation)
    /// Normalization across channels, without parameters.
    case normalization(LoopNestNormalization)
    /// Multiplication by given factors, `[batch, features]` in NHWC order: dropout with a known mask.
    case factors(DoubleTensor)
  }

  /// The layers in order; the output of the last one is the logits.
  package let layers: [Layer]
  /// The kernels and biases of the layers, in order.
  package var parameters: [DoubleTensor]

  /// Creates a network from layers and parameters.
  package init(layers: [Layer], parameters: [DoubleTensor]) {
    (self.layers, self.parameters) = (layers, parameters)
  }

  /// Creates a network with random parameters.
  ///
  /// - Parameter imageShape: `[height, width, channels]`.
  package init(layers: [Layer], imageShape: [Int], random: inout SplitMix64) throws(ShapeError) {
    (self.layers, parameters) = (layers, [])
    var shape = imageShape
    for layer in layers {
      switch layer {
      case .convolution(let filters, let kernel, let stride, let groups, let padding, _):
        let kernelShape = [kernel.height, kernel.width, shape[2] / groups, filters]
        let geometry = try ConvolutionGeometry(
          input: [1] + shape, kernel: kernelShape, stride: stride, groups: groups, padding: padding)
        parameters += ReferenceNetwork.drawn(kernelShape, bias: filters, &random)
        shape = Array(geometry.outputShape[1...])
      case .pooling(_, let window, let stride):
        let size = try WindowGeometry(
          input: Size2D(height: shape[0], width: shape[1]), kernel: window, stride: stride
        ).output
        shape = [size.height, size.width, shape[2]]
      case .flatten:
        shape = [shape.reduce(1, *)]
      case .dense(let units, _):
        parameters += ReferenceNetwork.drawn([shape[0], units], bias: units, &random)
        shape = [units]
      case .normalization, .factors: break
      }
    }
  }

  /// Returns a kernel with the variance of he_normal (but uniform, without outliers) and a small random bias,
  /// so that a missing bias is detected.
  private static func drawn(_ kernelShape: [Int], bias: Int, _ random: inout SplitMix64) -> [DoubleTensor] {
    let fanIn = kernelShape.dropLast().reduce(1, *)
    let reach = (6 / Double(fanIn)).squareRoot()
    return [
      random.reals(kernelShape).map { Double(Float($0 * reach)) },
      random.reals([bias]).map { Double(Float($0 * 0.1)) },
    ]
  }

  /// Returns the layers of the LeNet-5 of the course (ReLU, max pooling, full connections between the feature
  /// maps), in any size.
  package static func leNet5(
    filters: (Int, Int) = (6, 16), units: (Int, Int) = (120, 84), classes: Int = 10
  ) -> [Layer] {
    [
      .convolution(filters: filters.0, kernel: 5, padding: .same, activation: .relu),
      .pooling(.max, window: 2, stride: 2),
      .convolution(filters: filters.1, kernel: 5, padding: .valid, activation: .relu),
      .pooling(.max, window: 2, stride: 2),
      .flatten,
      .dense(units: units.0, activation: .relu),
      .dense(units: units.1, activation: .relu),
      .dense(units: classes, activation: .identity),
    ]
  }

  /// Returns the logits `[batch, classes]` of images `[batch, height, width, channels]`.
  package func logits(_ input: DoubleTensor) throws(ShapeError) -> DoubleTensor {
    let path = try forward(input)
    return path[path.count - 1]
  }

  /// Returns the mean loss over the batch.
  package func loss(_ input: DoubleTensor, labels: [Int]) throws(ShapeError) -> Double {
    LoopNestLoss.softmaxCrossEntropy(logits: try logits(input), labels: labels).loss
  }

  /// Returns the mean loss and the gradients of every parameter and of the input.
  package func gradients(
    _ input: DoubleTensor, labels: [Int]
  ) throws(ShapeError) -> (loss: Double, parameters: [DoubleTensor], input: DoubleTensor) {
    let path = try forward(input)
    var (loss, gradient, _) = LoopNestLoss.softmaxCrossEntropy(logits: path[path.count - 1], labels: labels)
    var parameterGradients: [DoubleTensor] = []
    var next = parameters.count
    for (index, layer) in layers.enumerated().reversed() {
      let (before, after) = (path[index], path[index + 1])
      switch layer {
      case .convolution(_, _, let stride, let groups, let padding, let activation):
        next -= 2
        gradient = LoopNestActivations.gradient(activation, of: gradient, output: after)
        let geometry = try ConvolutionGeometry(
          input: before.shape, kernel: parameters[next].shape, stride: stride, groups: groups,
          padding: padding)
        parameterGradients.insert(
          contentsOf: [
            LoopNestConvolution.kernelGradient(of: gradient, input: before, geometry).sums,
            LoopNestConvolution.biasGradient(of: gradient).sums,
          ], at: 0)
        gradient = LoopNestConvolution.inputGradient(of: gradient, kernel: parameters[next], geometry).sums
      case .pooling(let mode, let window, let stride):
        gradient = LoopNestPooling.gradient(
          of: gradient, input: before, try poolingWindow(before, window, stride), mode)
      case .flatten:
        gradient = gradient.reshaped(to: before.shape)
      case .dense(_, let activation):
        next -= 2
        gradient = LoopNestActivations.gradient(activation, of: gradient, output: after)
        parameterGradients.insert(
          contentsOf: [
            LoopNestDense.multiply(before, gradient, transposeLeft: true).sums,
            LoopNestConvolution.biasGradient(of: gradient).sums,
          ], at: 0)
        gradient = LoopNestDense.multiply(gradient, parameters[next], transposeRight: true).sums
      case .normalization(let normalization):
        gradient = normalization.gradient(of: gradient, input: before)
      case .factors(let factors):
        gradient = ReferenceNetwork.product(gradient, factors)
      }
    }
    return (loss, parameterGradients, gradient)
  }

  /// Returns the input and the output of every layer.
  private func forward(_ input: DoubleTensor) throws(ShapeError) -> [DoubleTensor] {
    var path = [input]
    var next = 0
    for layer in layers {
      let before = path[path.count - 1]
      switch layer {
      case .convolution(_, _, let stride, let groups, let padding, let activation):
        let (kernel, bias) = (parameters[next], parameters[next + 1])
        let geometry = try ConvolutionGeometry(
          input: before.shape, kernel: kernel.shape, stride: stride, groups: groups, padding: padding)
        let sums = LoopNestConvolution.forward(input: before, kernel: kernel, bias: bias, geometry).sums
        path.append(LoopNestActivations.forward(activation, sums))
        next += 2
      case .pooling(let mode, let window, let stride):
        path.append(LoopNestPooling.forward(before, try poolingWindow(before, window, stride), mode))
      case .flatten:
        path.append(before.reshaped(to: [before.shape[0], before.shape[1...].reduce(1, *)]))
      case .dense(_, let activation):
        let sums = LoopNestDense.forward(input: before, kernel: parameters[next], bias: parameters[next + 1])
          .sums
        path.append(LoopNestActivations.forward(activation, sums))
        next += 2
      case .normalization(let normalization): path.append(normalization.forward(before))
      case .factors(let factors): path.append(ReferenceNetwork.product(before, factors))
      }
    }
    return path
  }

  /// Returns the elementwise product.
  private static func product(_ one: DoubleTensor, _ other: DoubleTensor) -> DoubleTensor {
    precondition(one.count == other.count, "the factors belong to another batch")
    return DoubleTensor(shape: one.shape, scalars: zip(one.scalars, other.scalars).map { $0 * $1 })
  }

  private func poolingWindow(
    _ input: DoubleTensor, _ window: Size2D, _ stride: Size2D
  ) throws(ShapeError) -> WindowGeometry {
    try WindowGeometry(
      input: Size2D(height: input.shape[1], width: input.shape[2]), kernel: window, stride: stride)
  }
}
