import Im2col

/// The declaration of one layer of a model, without parameters.
///
///     let layers: [Layer] = [
///       .convolution(filters: 6, kernel: 5, padding: .same, activation: .relu, name: "conv1"),
///       .maxPooling(window: 2, stride: 2),
///       .flatten,
///       .dense(units: 10, activation: .softmax),
///     ]
///
/// `Sequential` infers the shapes.
public struct Layer: Sendable, Hashable, Codable {
  /// The prefix of the layer's parameter names, as in `conv1.kernel`; nil for the kind with a number.
  public let name: String?
  /// The kind of the layer with its settings.
  public let kind: Kind

  /// A kind of layer.
  public enum Kind: Sendable, Hashable, Codable {
    /// A convolution, followed by a bias and an activation.
    case convolution(ConvolutionLayer)
    /// Max or average pooling.
    case pooling(PoolingLayer)
    /// Reshapes `[height, width, channels]` to `[features]` in row-major order.
    case flatten(FlattenLayer)
    /// A dense (fully connected) layer, followed by an activation.
    case dense(DenseLayer)
    /// An activation: elementwise, or softmax along the last axis.
    case activation(ActivationLayer)
    /// Dropout, active in training only.
    case dropout(DropoutLayer)
    /// Local response normalization across channels.
    case responseNormalization(ResponseNormalizationLayer)
  }

  /// Creates a layer of a kind.
  public init(_ kind: Kind, name: String? = nil) {
    (self.kind, self.name) = (kind, name)
  }

  /// The common interface of all kinds.
  package var definition: any LayerDefinition {
    switch kind {
    case .convolution(let layer): layer
    case .pooling(let layer): layer
    case .flatten(let layer): layer
    case .dense(let layer): layer
    case .activation(let layer): layer
    case .dropout(let layer): layer
    case .responseNormalization(let layer): layer
    }
  }
}

extension Layer {
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
  ///   - initializer: the initializer of the kernel.
  ///   - biasInitializer: the initializer of the bias.
  ///   - name: the prefix of the parameter names.
  public static func convolution(
    filters: Int, kernel: Size2D, stride: Size2D = 1, dilation: Size2D = 1, groups: Int = 1,
    padding: Padding = .valid, activation: Activation = .identity, initializer: Initializer = .glorotUniform,
    biasInitializer: Initializer = .zeros, name: String? = nil
  ) -> Layer {
    Layer(
      .convolution(
        ConvolutionLayer(
          filters: filters, kernel: kernel, stride: stride, dilation: dilation, groups: groups,
          padding: padding, activation: activation, initializer: initializer, biasInitializer: biasInitializer
        )),
      name: name)
  }

  /// Max pooling over `[height, width, channels]`; `stride` defaults to the window size.
  public static func maxPooling(
    window: Size2D = 2, stride: Size2D? = nil, padding: Padding = .valid, name: String? = nil
  ) -> Layer {
    Layer(
      .pooling(PoolingLayer(mode: .max, window: window, stride: stride ?? window, padding: padding)),
      name: name)
  }

  /// Average pooling over `[height, width, channels]`, not counting padding; `stride` defaults to the
  /// window size.
  public static func averagePooling(
    window: Size2D = 2, stride: Size2D? = nil, padding: Padding = .valid, name: String? = nil
  ) -> Layer {
    Layer(
      .pooling(PoolingLayer(mode: .average, window: window, stride: stride ?? window, padding: padding)),
      name: name)
  }

  /// Reshapes `[height, width, channels]` to `[features]` in row-major order.
  public static var flatten: Layer { Layer(.flatten(FlattenLayer())) }

  /// A dense (fully connected) layer over `[features]`, followed by an activation.
  ///
  /// - Parameters:
  ///   - units: the number of output features.
  ///   - activation: the activation, applied after the bias.
  ///   - initializer: the initializer of the kernel.
  ///   - biasInitializer: the initializer of the bias.
  ///   - name: the prefix of the parameter names.
  public static func dense(
    units: Int, activation: Activation = .identity, initializer: Initializer = .glorotUniform,
    biasInitializer: Initializer = .zeros, name: String? = nil
  ) -> Layer {
    Layer(
      .dense(
        DenseLayer(
          units: units, activation: activation, initializer: initializer, biasInitializer: biasInitializer)),
      name: name)
  }

  /// An activation: elementwise, or softmax along the last axis.
  public static func activation(_ activation: Activation, name: String? = nil) -> Layer {
    Layer(.activation(ActivationLayer(activation: activation)), name: name)
  }

  /// Dropout: in training, sets each input to 0 with probability `rate` and scales the others. See
  /// `DropoutLayer`.
  ///
  /// - Parameters:
  ///   - rate: the fraction of the inputs to drop, in `0..<1`.
  ///   - name: the name in reports.
  public static func dropout(rate: Float = 0.5, name: String? = nil) -> Layer {
    Layer(.dropout(DropoutLayer(rate: rate)), name: name)
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
  ) -> Layer {
    Layer(
      .responseNormalization(ResponseNormalizationLayer(size: size, k: k, alpha: alpha, beta: beta)),
      name: name)
  }
}
