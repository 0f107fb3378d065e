import Im2col

/// Batch normalization of every channel.
///
///     training     output = gamma * (input - mean) / sqrt(variance + epsilon) + beta
///     inference    the same with the running mean and variance
///
/// Mean and variance are those of the channel over all pixels of the batch. Each update moves the running
/// values towards them:
///
///     running = momentum * running + (1 - momentum) * batch
///
/// as in Keras; PyTorch's momentum is 1 minus this one. As in PyTorch, the variance divides by the number of
/// pixels, and its running value by that number minus 1. Sums are computed in Double.
///
/// Training runs layer by layer, because the statistics need the whole batch. For inference, a normalization
/// after a convolution is folded into its kernel and bias.
///
/// Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate
/// shift", arXiv 1502.03167, algorithms 1 and 2.
public struct BatchNormalizationLayer: Layer {
  /// `batch_normalization`.
  public static let typeName = "batch_normalization"

  /// The fraction of the running values that an update keeps, in `0...1`.
  public var momentum: Double
  /// The constant added to the variance; greater than 0.
  public var epsilon: Double

  /// Creates a layer.
  public init(momentum: Double = 0.9, epsilon: Double = 1e-5) {
    (self.momentum, self.epsilon) = (momentum, epsilon)
  }

  /// `bn`.
  public var kindName: String { "bn" }

  /// The shape of the input, with `gamma` and `beta`, and the running `mean` and `variance` as state, of one
  /// scalar for each channel.
  public func plan(for inputs: [[Int]]) throws(ShapeError) -> LayerPlan {
    let input = try requireOneInput(inputs)
    guard let channels = input.last else {
      throw .rank("the input of a batch normalization", axes: ["...", "channels"], actual: input)
    }
    guard momentum >= 0, momentum <= 1 else {
      throw .unsupported("the momentum of a batch normalization is \(momentum); it must be in 0...1")
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw .unsupported(
        "epsilon of a batch normalization is \(epsilon); it must be finite and greater than 0")
    }
    let count = try ShapeError.elementCount(of: input, named: "input of a batch normalization")
    func array(_ name: String, _ role: LayerParameter.Role, _ initial: Float) -> LayerParameter {
      LayerParameter(name, shape: [channels], role: role, initializer: .constant(initial))
    }
    return LayerPlan(
      outputShape: input,
      parameters: [
        array("gamma", .trainable, 1), array("beta", .trainable, 0), array("mean", .state, 0),
        array("variance", .state, 1),
      ],
      makeOpDescriptors: { [self] position in
        [
          BatchNormalizationDescriptor(
            normalization: Normalization(
              channels: channels, gamma: position.parameters[0], beta: position.parameters[1],
              mean: position.parameters[2], variance: position.parameters[3], epsilon: epsilon),
            momentum: momentum, pixels: count / channels)
        ]
      })
  }
}

extension Block {
  /// Batch normalization of every channel. See `BatchNormalizationLayer`.
  ///
  /// - Parameters:
  ///   - momentum: the fraction of the running values that an update keeps; PyTorch's is 1 minus this one.
  ///   - epsilon: the constant added to the variance.
  ///   - name: the prefix of the parameter names.
  public static func batchNormalization(
    momentum: Double = 0.9, epsilon: Double = 1e-5, name: String? = nil
  ) -> Block {
    .layer(BatchNormalizationLayer(momentum: momentum, epsilon: epsilon), name: name)
  }
}
