import Im2col

/// LeNet-5: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition",
/// Proceedings of the IEEE 86 (11), 1998, section II.B, as it is taught today. What differs from the paper:
///
/// * maxima in place of scaled means in the pooling layers (S2, S4), without parameters;
/// * ReLU in place of the scaled tanh;
/// * the second convolution (C3) sees all six maps, not a table of subsets;
/// * ten logits and softmax in place of radial basis functions, trained with cross-entropy;
/// * the image is 28x28 and zero-padded by the first convolution, not drawn into 32x32.
///
///     28x28x1 -conv1 5x5-> 28x28x6 -max-> 14x14x6 -conv2 5x5-> 10x10x16 -max-> 5x5x16 -> 400 -> 120 -> 84 -> 10
///
/// 156 + 2,416 + 48,120 + 10,164 + 850 = 61,706 parameters.
public enum LeNet5 {
  /// The shape of one image.
  public static let inputShape = [28, 28, 1]

  /// The layers.
  ///
  /// - Parameters:
  ///   - initializer: how the kernels start; biases start at zero.
  ///   - dropout: the share of the outputs of dense1 and of dense2 that training leaves out, as AlexNet does; 0
  ///     for no such layers. The parameters and their names are the same.
  public static func layers(initializer: Initializer = .heNormal, dropout: Float = 0) -> [Layer] {
    let layers: [Layer] = [
      .convolution(
        filters: 6, kernel: 5, padding: .same, activation: .relu, initializer: initializer, name: "conv1"),
      .maxPooling(window: 2, stride: 2, name: "pool1"),
      .convolution(
        filters: 16, kernel: 5, padding: .valid, activation: .relu, initializer: initializer, name: "conv2"),
      .maxPooling(window: 2, stride: 2, name: "pool2"),
      .flatten,
      .dense(units: 120, activation: .relu, initializer: initializer, name: "dense1"),
      .dropout(rate: dropout, name: "dropout1"),
      .dense(units: 84, activation: .relu, initializer: initializer, name: "dense2"),
      .dropout(rate: dropout, name: "dropout2"),
      .dense(units: 10, activation: .softmax, initializer: initializer, name: "dense3"),
    ]
    return layers.filter { dropout != 0 || !$0.isDropout }
  }
}

extension Layer {
  fileprivate var isDropout: Bool {
    if case .dropout = kind { true } else { false }
  }
}
