import ConvNet
import Im2col
import Im2colReference

/// AlexNet with one batch of random images in memory.
final class AlexNetModel: BenchModel {
  let model: Sequential
  let images: Tensor
  let targets: Tensor
  let data: TensorData
  var probabilities: Tensor

  /// Draws pixels in [-1, 1) and classes from a fixed seed.
  ///
  /// - Parameter initializer: the initializer of the kernels, nil for the paper's.
  init(
    batch: Int, towers: AlexNet.Towers, options: ComputeOptions, initializer: Initializer? = nil
  ) throws {
    var random = SplitMix64(seed: 0xa1e)
    let (shape, classes) = (AlexNet.inputShape, AlexNet.classes)
    images = Tensor(random: [batch] + shape, &random)
    let labels = (0..<batch).map { _ in random.roll(0...classes - 1) }
    targets = Tensor(oneHot: labels, classes: classes)
    data = try TensorData(images, targets)
    probabilities = Tensor(zeros: [batch, classes])
    let layers =
      initializer.map { AlexNet.layers(towers: towers, initializer: $0) } ?? AlexNet.layers(towers: towers)
    model = try Sequential(inputShape: shape, layers: layers)
    try model.compile(optimizer: AlexNet.optimizer, options: options)
  }

  /// Returns how the probabilities of the first image differ from those of the network in Double; nil if they agree.
  func firstWrongProbability(_ injected: InjectedError?, name: String) throws -> String? {
    try model.predict(images, into: &probabilities)
    let (classes, pixels) = (AlexNet.classes, images.count / batch)
    let image = DoubleTensor(
      shape: [1] + AlexNet.inputShape, scalars: images.scalars[..<pixels].map(Double.init))
    var actual = Tensor(validated: [1, classes], scalars: Array(probabilities.scalars[..<classes]))
    injected?.corrupt(&actual, of: name)
    let expected = try ReferenceModel(model).outputs(image)
    return Im2colReference.firstMismatch(
      actual, expected, tolerance: .each(expected.scalars.map { $0 * AlexNetModel.probabilityTolerance })
    )
    .map { "the probabilities of image 0: \($0)" }
  }

  /// Relative to each probability: logits near 1 are sums of up to 9,216 terms, each rounded to 6e-8.
  private static let probabilityTolerance = 1e-4
}

extension Tensor {
  /// One-hot rows `[labels, classes]`.
  init(oneHot labels: [Int], classes: Int) {
    self.init(zeros: [labels.count, classes])
    for (row, label) in labels.enumerated() { scalars[row * classes + label] = 1 }
  }
}
