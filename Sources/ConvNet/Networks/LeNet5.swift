import Im2col

/// LeNet-5 for handwritten digits, in the form taught today.
///
/// In eight lines:
///
///     .convolution(filters: 6, kernel: 5, padding: .same, activation: .relu),  // 28 x 28 x 6
///     .maxPooling(window: 2, stride: 2),                                       // 14 x 14 x 6
///     .convolution(filters: 16, kernel: 5, activation: .relu),                 // 10 x 10 x 16
///     .maxPooling(window: 2, stride: 2),                                       // 5 x 5 x 16
///     .flatten,                                                                // 400
///     .dense(units: 120, activation: .relu),
///     .dense(units: 84, activation: .relu),
///     .dense(units: 10, activation: .softmax),
///
/// It has 156 + 2,416 + 48,120 + 10,164 + 850 = 61,706 parameters.
///
/// The paper is LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition",
/// Proceedings of the IEEE 86 (11), 1998, section II.B. Five differences in architecture:
///
/// * Pooling (S2, S4) takes the maximum, without parameters, instead of a scaled and shifted sum.
/// * The activation is ReLU instead of a scaled tanh.
/// * The second convolution (C3) uses all six feature maps instead of a table of subsets.
/// * The output is a softmax of ten logits, trained with cross-entropy, instead of radial basis functions.
/// * The image has 28x28 pixels, zero-padded by the first convolution, instead of 32x32.
public enum LeNet5 {
  /// The shape of one image.
  public static let inputShape = [28, 28, 1]

  /// Returns the layers.
  ///
  /// - Parameters:
  ///   - initializer: the initializer of the kernels; biases are initialized with zeros.
  ///   - dropout: the dropout rate after dense1 and dense2, as in AlexNet; 0 for no dropout layers. The
  ///     parameters and their names do not depend on it.
  public static func layers(initializer: Initializer = .heNormal, dropout: Float = 0) -> [Block] {
    func dropoutLayer(_ name: String) -> [Block] {
      dropout == 0 ? [] : [.dropout(rate: dropout, name: name)]
    }
    return [
      .convolution(
        filters: 6, kernel: 5, padding: .same, activation: .relu, initializer: initializer, name: "conv1"),
      .maxPooling(window: 2, stride: 2, name: "pool1"),
      .convolution(
        filters: 16, kernel: 5, padding: .valid, activation: .relu, initializer: initializer, name: "conv2"),
      .maxPooling(window: 2, stride: 2, name: "pool2"),
      .flatten,
      .dense(units: 120, activation: .relu, initializer: initializer, name: "dense1"),
    ] + dropoutLayer("dropout1") + [
      .dense(units: 84, activation: .relu, initializer: initializer, name: "dense2")
    ] + dropoutLayer("dropout2") + [
      .dense(units: 10, activation: .softmax, initializer: initializer, name: "dense3")
    ]
  }
}
