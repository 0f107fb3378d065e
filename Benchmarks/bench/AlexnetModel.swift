import ConvNet
import Im2col
import Im2colReference

/// AlexNet with one batch of random images in memory, or a small net of its kind.
final class AlexnetModel: BenchModel {
  let model: Sequential
  let images: Tensor
  let targets: Tensor
  let data: TensorData
  var probabilities: Tensor

  /// The paper's: section 5.
  static let optimizer = Optimizer.sgd(learningRate: 0.01, momentum: 0.9)

  /// Numbers in [-1, 1) and classes, always the same.
  init(batch: Int, towers: AlexNet.Towers, options: ComputeOptions) throws {
    var dice = Dice(seed: 0xa1e)
    let shape = AlexNet.inputShape
    images = Tensor(random: [batch] + shape, &dice)
    let labels = (0..<batch).map { _ in dice.roll(0...AlexNet.classes - 1) }
    var rows = Tensor(zeros: [batch, AlexNet.classes])
    for (row, label) in labels.enumerated() { rows.scalars[row * AlexNet.classes + label] = 1 }
    targets = rows
    data = try TensorData(images, targets)
    probabilities = Tensor(zeros: [batch, AlexNet.classes])
    model = try Sequential(inputShape: shape, layers: AlexNet.layers(towers: towers))
    try model.compile(optimizer: AlexnetModel.optimizer, options: options)
  }
}
