import Im2col

/// AlexNet, the network that won the ImageNet competition of 2012.
///
/// Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks", NIPS
/// 2012.
///
///     227x227x3 -conv1 11x11/4-> 55x55x96 -lrn, max 3x3/2-> 27x27x96
///     -conv2 5x5-> 27x27x256 -lrn, max-> 13x13x256
///     -conv3 3x3-> 13x13x384 -conv4 3x3-> 13x13x384 -conv5 3x3-> 13x13x256
///     -max-> 6x6x256 = 9216 -> 4096, dropout -> 4096, dropout -> 1000
///
/// The layers are described in section 3.5, the normalization in 3.3, the overlapping pooling in 3.4, dropout
/// in 4.2 and the initialization in 5. There are two differences from the paper:
///
/// * The image has 227x227 pixels. The paper says 224, but with 11x11 windows and a stride of 4 that does not
///   give the 55x55 outputs of its figure.
/// * Dropout scales in training instead of halving at test time. See `DropoutLayer`.
public enum AlexNet {
  /// The connection of the channels in the second, fourth and fifth convolution.
  public enum Towers: Int, Sendable, Hashable, CaseIterable {
    /// Every output channel uses all input channels: 62,378,344 parameters.
    case one = 1
    /// Two groups of channels, one per GPU in the paper: 60,965,224 parameters.
    case two = 2
  }

  /// The shape of one image.
  public static let inputShape = [227, 227, 3]
  /// The number of classes of the ImageNet competition.
  public static let classes = 1000

  /// The optimizer of the paper (section 5) with the initial learning rate. The paper divides the learning
  /// rate by ten when the validation error stops decreasing.
  public static let optimizer = Optimizer.sgd(learningRate: 0.01, momentum: 0.9, weightDecay: 0.0005)

  /// Returns the layers.
  ///
  /// - Parameters:
  ///   - towers: two towers as in the paper, or one.
  ///   - classes: the number of classes.
  ///   - dropout: the dropout rate after each of the first two dense layers.
  ///   - initializer: the initializer of the kernels. The biases of conv2, conv4, conv5 and the hidden dense
  ///     layers are initialized with 1, so that their ReLUs are active at first, the others with 0.
  public static func layers(
    towers: Towers = .two, classes: Int = classes, dropout: Float = 0.5,
    initializer: Initializer = .normal(standardDeviation: 0.01)
  ) -> [Block] {
    layers(Widths(), towers: towers, classes: classes, dropout: dropout, initializer: initializer)
  }

  /// The numbers of output channels and units. Tests use smaller ones.
  package struct Widths: Sendable {
    package var filters = [96, 256, 384, 384, 256]
    package var units = [4096, 4096]

    package init() {}

    /// Divides all widths, rounding channels down to an even number.
    package init(dividedBy divisor: Int) {
      filters = filters.map { max(2, $0 / divisor / 2 * 2) }
      units = units.map { max(1, $0 / divisor) }
    }
  }

  /// Returns the layers with other widths.
  package static func layers(
    _ widths: Widths, towers: Towers, classes: Int, dropout: Float = 0.5, initializer kernels: Initializer
  ) -> [Block] {
    func convolution(
      _ index: Int, kernel: Size2D, stride: Size2D = 1, groups: Int, padding: Padding, bias: Initializer
    ) -> Block {
      .convolution(
        filters: widths.filters[index - 1], kernel: kernel, stride: stride, groups: groups, padding: padding,
        activation: .relu, initializer: kernels, biasInitializer: bias, name: "conv\(index)")
    }
    func hidden(_ index: Int) -> [Block] {
      [
        .dense(
          units: widths.units[index - 1], activation: .relu, initializer: kernels,
          biasInitializer: .constant(1), name: "dense\(index)"),
        .dropout(rate: dropout, name: "dropout\(index)"),
      ]
    }
    func pooling(_ index: Int) -> Block { .maxPooling(window: 3, stride: 2, name: "pool\(index)") }
    let groups = towers.rawValue
    return [
      convolution(1, kernel: 11, stride: 4, groups: 1, padding: .valid, bias: .zeros),
      .responseNormalization(name: "lrn1"),
      pooling(1),
      convolution(2, kernel: 5, groups: groups, padding: .same, bias: .constant(1)),
      .responseNormalization(name: "lrn2"),
      pooling(2),
      convolution(3, kernel: 3, groups: 1, padding: .same, bias: .zeros),
      convolution(4, kernel: 3, groups: groups, padding: .same, bias: .constant(1)),
      convolution(5, kernel: 3, groups: groups, padding: .same, bias: .constant(1)),
      pooling(5),
      .flatten,
    ] + hidden(1) + hidden(2) + [
      .dense(units: classes, activation: .softmax, initializer: kernels, name: "dense3")
    ]
  }
}
