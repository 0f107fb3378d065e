import Im2col

/// AlexNet: Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks",
/// NIPS 2012.
///
///     227x227x3 -conv1 11x11/4-> 55x55x96 -lrn, max 3x3/2-> 27x27x96 -conv2 5x5-> 27x27x256 -lrn, max-> 13x13x256
///     -conv3 3x3-> 13x13x384 -conv4 3x3-> 13x13x384 -conv5 3x3-> 13x13x256 -max-> 6x6x256 = 9216
///     -> 4096, dropout -> 4096, dropout -> 1000
///
/// Section 3.5 gives the layers, 3.3 the normalization, 3.4 the overlapping pooling, 4.2 the dropout and 5 the
/// initial values. What differs from the paper:
///
/// * the image has 227x227 pixels; the paper says 224, from which 11x11 windows by steps of 4 do not give the
///   55x55 outputs that its figure shows;
/// * dropout scales in training instead of halving at test time; see `DropoutLayer`.
public enum AlexNet {
  /// How the channels of the second, fourth and fifth convolution are connected.
  public enum Towers: Int, Sendable, Hashable, CaseIterable {
    /// Every output channel sees all input channels: 62,378,344 parameters.
    case one = 1
    /// Two halves that do not see each other, each on a GPU of its own in the paper: 60,965,224 parameters.
    case two = 2
  }

  /// The shape of one image.
  public static let inputShape = [227, 227, 3]
  /// ImageNet's classes in the competition.
  public static let classes = 1000

  /// The paper's optimizer (section 5) as it starts; the paper divides the learning rate by ten whenever the
  /// validation error stops falling.
  public static let optimizer = Optimizer.sgd(learningRate: 0.01, momentum: 0.9, weightDecay: 0.0005)

  /// The layers.
  ///
  /// - Parameters:
  ///   - towers: two as in the paper, or one.
  ///   - classes: outputs of the last layer.
  ///   - dropout: the share that is left out behind each of the first two dense layers.
  ///   - initializer: how the kernels start; the biases of conv2, conv4, conv5 and the hidden dense layers start at
  ///     one, so that their units are not all silent at first, the others at zero.
  public static func layers(
    towers: Towers = .two, classes: Int = classes, dropout: Float = 0.5,
    initializer: Initializer = .normal(standardDeviation: 0.01)
  ) -> [Layer] {
    layers(Widths(), towers: towers, classes: classes, dropout: dropout, initializer: initializer)
  }

  /// Output channels and units; smaller ones make a net of the same kind that a reference can follow.
  package struct Widths: Sendable {
    package var filters = [96, 256, 384, 384, 256]
    package var units = [4096, 4096]

    package init() {}

    /// A fraction of everything, in whole groups.
    package init(dividedBy divisor: Int) {
      filters = filters.map { max(2, $0 / divisor / 2 * 2) }
      units = units.map { max(1, $0 / divisor) }
    }
  }

  /// The net with other widths.
  package static func layers(
    _ widths: Widths, towers: Towers, classes: Int, dropout: Float = 0.5, initializer kernels: Initializer
  ) -> [Layer] {
    func convolution(
      _ index: Int, kernel: Size2D, stride: Size2D = 1, groups: Int, padding: Padding, bias: Initializer
    ) -> Layer {
      .convolution(
        filters: widths.filters[index - 1], kernel: kernel, stride: stride, groups: groups, padding: padding,
        activation: .relu, initializer: kernels, biasInitializer: bias, name: "conv\(index)")
    }
    func hidden(_ index: Int) -> [Layer] {
      [
        .dense(
          units: widths.units[index - 1], activation: .relu, initializer: kernels,
          biasInitializer: .constant(1), name: "dense\(index)"),
        .dropout(rate: dropout, name: "dropout\(index)"),
      ]
    }
    func pooling(_ index: Int) -> Layer { .maxPooling(window: 3, stride: 2, name: "pool\(index)") }
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
