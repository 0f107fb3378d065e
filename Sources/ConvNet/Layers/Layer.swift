import Im2col

/// One layer of a model, as data: what it is, not what it has learned.
///
///     let layers: [Layer] = [
///       .convolution(filters: 6, kernel: 5, padding: .same, activation: .relu, name: "conv1"),
///       .maxPooling(window: 2, stride: 2),
///       .flatten,
///       .dense(units: 10, activation: .softmax),
///     ]
///
/// Shapes follow when a `Sequential` is made of them.
public struct Layer: Sendable, Hashable, Codable {
  /// What the layer's parameters are named after (`conv1.kernel`); nil for the kind's name and a number.
  public let name: String?
  /// What the layer does.
  public let kind: Kind

  /// Every kind of layer; each is a small value with a file of its own.
  public enum Kind: Sendable, Hashable, Codable {
    /// Convolution, bias, activation.
    case convolution(ConvolutionLayer)
    /// Maxima or means of windows.
    case pooling(PoolingLayer)
    /// `[height, width, channels]` to `[features]`, in that order.
    case flatten(FlattenLayer)
    /// Matrix product, bias, activation.
    case dense(DenseLayer)
    /// A function of every number, or of every row.
    case activation(ActivationLayer)
    /// Some numbers left out in training.
    case dropout(DropoutLayer)
    /// Local response normalization across channels.
    case responseNormalization(ResponseNormalizationLayer)
  }

  /// Makes a layer of a kind.
  public init(_ kind: Kind, name: String? = nil) {
    (self.kind, self.name) = (kind, name)
  }

  /// What all kinds have in common; the one place that tells them apart.
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
  /// A convolution over `[height, width, channels]`.
  ///
  /// - Parameters:
  ///   - filters: output channels.
  ///   - kernel: rows and columns of the kernel.
  ///   - stride: steps between windows.
  ///   - dilation: steps between taps; 1 is a dense kernel.
  ///   - groups: slices of the channels that do not see each other.
  ///   - padding: one of the four rules.
  ///   - activation: applied behind the bias.
  ///   - initializer: how the kernel starts.
  ///   - biasInitializer: how the bias starts.
  ///   - name: what its parameters are named after.
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

  /// The maximum of every window; `stride` is the window's size unless given.
  public static func maxPooling(
    window: Size2D = 2, stride: Size2D? = nil, padding: Padding = .valid, name: String? = nil
  ) -> Layer {
    Layer(
      .pooling(PoolingLayer(mode: .max, window: window, stride: stride ?? window, padding: padding)),
      name: name)
  }

  /// The mean of the pixels that every window covers; `stride` is the window's size unless given.
  public static func averagePooling(
    window: Size2D = 2, stride: Size2D? = nil, padding: Padding = .valid, name: String? = nil
  ) -> Layer {
    Layer(
      .pooling(PoolingLayer(mode: .average, window: window, stride: stride ?? window, padding: padding)),
      name: name)
  }

  /// `[height, width, channels]` to `[features]`, in that order.
  public static var flatten: Layer { Layer(.flatten(FlattenLayer())) }

  /// A matrix product over `[features]`.
  ///
  /// - Parameters:
  ///   - units: output features.
  ///   - activation: applied behind the bias.
  ///   - initializer: how the kernel starts.
  ///   - biasInitializer: how the bias starts.
  ///   - name: what its parameters are named after.
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

  /// A function by itself; softmax works on the last axis.
  public static func activation(_ activation: Activation, name: String? = nil) -> Layer {
    Layer(.activation(ActivationLayer(activation: activation)), name: name)
  }

  /// Leaves out each number with probability `rate` in training and scales up the others; does nothing
  /// otherwise. See `DropoutLayer`.
  ///
  /// - Parameters:
  ///   - rate: the share that is left out, in `0..<1`.
  ///   - name: shown in reports.
  public static func dropout(rate: Float = 0.5, name: String? = nil) -> Layer {
    Layer(.dropout(DropoutLayer(rate: rate)), name: name)
  }

  /// Local response normalization across channels, by default with the numbers of Krizhevsky et al. (2012); see
  /// `ResponseNormalizationLayer`.
  ///
  /// - Parameters:
  ///   - size: neighboring channels in a sum; the paper's *n*.
  ///   - k: what is added to the sum.
  ///   - alpha: what the sum is multiplied by; not divided by `size`.
  ///   - beta: the exponent.
  ///   - name: shown in reports.
  public static func responseNormalization(
    size: Int = 5, k: Float = 2, alpha: Float = 1e-4, beta: Float = 0.75, name: String? = nil
  ) -> Layer {
    Layer(
      .responseNormalization(ResponseNormalizationLayer(size: size, k: k, alpha: alpha, beta: beta)),
      name: name)
  }
}
