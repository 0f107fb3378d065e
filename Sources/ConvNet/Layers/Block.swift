import Im2col

/// An element of a list of layers: a layer with a name, or a block of lists that read the same input.
///
///     let layers: [Block] = [
///       .convolution(filters: 16, kernel: 3, padding: .same, activation: .relu, name: "conv1"),
///       .residual([
///         .convolution(filters: 16, kernel: 3, padding: .same, activation: .relu),
///         .convolution(filters: 16, kernel: 3, padding: .same),
///       ]),
///       .activation(.relu),
///       .flatten,
///       .dense(units: 10, activation: .softmax),
///     ]
///
/// Blocks nest. `Graph` turns a list into nodes, and `Model` infers the shapes.
public indirect enum Block: Sendable, Hashable {
  /// A layer. The name is the prefix of its parameter names, as in `conv1.kernel`; nil for the kind with a
  /// number.
  case layer(AnyLayer, name: String?)
  /// The sum of a body and a shortcut, which read the same input:
  ///
  ///     x --+-- body -------+
  ///         |               + --> body(x) + shortcut(x)
  ///         +-- shortcut ---+
  ///
  /// An empty shortcut is the identity.
  case residual(body: [Block], shortcut: [Block], name: String?)
  /// Lists that read the same input, and the layer that reads their outputs in order. An empty list is the
  /// identity.
  case branches([[Block]], merge: AnyLayer, name: String?)
}

/// How the outputs of branches become one.
public enum Merge: Sendable, Hashable {
  /// Their sum; all have the same shape.
  case add
  /// Their channels in order; all have the same height and width.
  case concatenate
}

extension Block {
  /// A layer of any type.
  public static func layer(_ layer: some Layer, name: String? = nil) -> Block {
    .layer(AnyLayer(layer), name: name)
  }

  /// The sum of a body and a shortcut, as in He et al., "Deep residual learning for image recognition", arXiv
  /// 1512.03385.
  ///
  /// - Parameters:
  ///   - body: the layers of the body.
  ///   - shortcut: the layers of the shortcut; empty for the identity.
  ///   - name: the name of the sum in reports.
  public static func residual(_ body: [Block], shortcut: [Block] = [], name: String? = nil) -> Block {
    .residual(body: body, shortcut: shortcut, name: name)
  }

  /// Lists of layers that read the same input.
  ///
  /// - Parameters:
  ///   - branches: the lists; an empty one is the identity.
  ///   - merge: how their outputs become one.
  ///   - name: the name of the result in reports.
  public static func branches(_ branches: [[Block]], merge: Merge, name: String? = nil) -> Block {
    switch merge {
    case .add: .branches(branches, merge: AnyLayer(AddLayer()), name: name)
    case .concatenate: .branches(branches, merge: AnyLayer(ConcatenateLayer()), name: name)
    }
  }

  /// A convolution over `[height, width, channels]`, followed by a bias and an activation.
  ///
  /// - Parameters:
  ///   - filters: the number of output channels.
  ///   - kernel: the height and width of the kernel.
  ///   - stride: the distance between windows, in pixels.
  ///   - dilation: the distance between taps, in pixels.
  ///   - groups: the number of groups of channels that are convolved separately.
  ///   - padding: the padding rule.
  ///   - activation: the activation, applied after the bias.
  ///   - useBias: whether there is a bias.
  ///   - initializer: the initializer of the kernel.
  ///   - biasInitializer: the initializer of the bias.
  ///   - name: the prefix of the parameter names.
  public static func convolution(
    filters: Int, kernel: Size2D, stride: Size2D = 1, dilation: Size2D = 1, groups: Int = 1,
    padding: Padding = .valid, activation: Activation = .identity, useBias: Bool = true,
    initializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros, name: String? = nil
  ) -> Block {
    .layer(
      ConvolutionLayer(
        filters: filters, kernel: kernel, stride: stride, dilation: dilation, groups: groups,
        padding: padding, activation: activation, useBias: useBias, initializer: initializer,
        biasInitializer: biasInitializer),
      name: name)
  }

  /// Max pooling over `[height, width, channels]`; `stride` defaults to the window size. See `PoolingLayer`.
  public static func maxPooling(
    window: Size2D = 2, stride: Size2D? = nil, dilation: Size2D = 1, padding: Padding = .valid,
    roundsUp: Bool = false, name: String? = nil
  ) -> Block {
    .layer(
      PoolingLayer(
        mode: .max, window: window, stride: stride, dilation: dilation, padding: padding, roundsUp: roundsUp),
      name: name)
  }

  /// Average pooling over `[height, width, channels]`; `stride` defaults to the window size. See
  /// `PoolingLayer`.
  public static func averagePooling(
    window: Size2D = 2, stride: Size2D? = nil, dilation: Size2D = 1, padding: Padding = .valid,
    roundsUp: Bool = false, countsPadding: Bool = false, name: String? = nil
  ) -> Block {
    .layer(
      PoolingLayer(
        mode: .average, window: window, stride: stride, dilation: dilation, padding: padding,
        roundsUp: roundsUp, countsPadding: countsPadding),
      name: name)
  }

  /// Reshapes `[height, width, channels]` to `[features]` in row-major order.
  public static var flatten: Block { .layer(FlattenLayer()) }

  /// A dense (fully connected) layer over `[features]`, followed by an activation.
  ///
  /// - Parameters:
  ///   - units: the number of output features.
  ///   - activation: the activation, applied after the bias.
  ///   - useBias: whether there is a bias.
  ///   - initializer: the initializer of the kernel.
  ///   - biasInitializer: the initializer of the bias.
  ///   - name: the prefix of the parameter names.
  public static func dense(
    units: Int, activation: Activation = .identity, useBias: Bool = true,
    initializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros, name: String? = nil
  ) -> Block {
    .layer(
      DenseLayer(
        units: units, activation: activation, useBias: useBias, initializer: initializer,
        biasInitializer: biasInitializer),
      name: name)
  }

  /// An activation: elementwise, or softmax along the last axis.
  public static func activation(_ activation: Activation, name: String? = nil) -> Block {
    .layer(ActivationLayer(activation: activation), name: name)
  }

  /// Dropout: in training, sets each input to 0 with probability `rate` and scales the others. See
  /// `DropoutLayer`.
  ///
  /// - Parameters:
  ///   - rate: the fraction of the inputs to drop, in `0..<1`.
  ///   - name: the name in reports.
  public static func dropout(rate: Float = 0.5, name: String? = nil) -> Block {
    .layer(DropoutLayer(rate: rate), name: name)
  }

  /// Local response normalization across channels, by default with the constants of Krizhevsky et al. (2012).
  /// See `ResponseNormalizationLayer`.
  ///
  /// - Parameters:
  ///   - size: the number of adjacent channels in a sum, *n* in the paper.
  ///   - k: the constant added to the scaled sum.
  ///   - alpha: the factor of the sum; not divided by `size`.
  ///   - beta: the exponent.
  ///   - name: the name in reports.
  public static func responseNormalization(
    size: Int = 5, k: Float = 2, alpha: Float = 1e-4, beta: Float = 0.75, name: String? = nil
  ) -> Block {
    .layer(ResponseNormalizationLayer(size: size, k: k, alpha: alpha, beta: beta), name: name)
  }
}
