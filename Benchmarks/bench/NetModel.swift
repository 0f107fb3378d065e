import ConvNet
import Im2col
import Im2colReference

/// A network with one batch of random images in memory.
final class NetModel: BenchModel {
  let model: Model
  let images: Tensor
  let targets: Tensor
  let data: TensorData
  var probabilities: Tensor
  private let labels: [Int]

  /// Draws pixels in [0, 1) and classes from a fixed seed.
  init(
    _ network: BenchNetwork, batch: Int, isNarrow: Bool = false, trains: Bool, options: ComputeOptions
  ) throws {
    var random = SplitMix64(seed: 0x4e7)
    let shape = network.inputShape
    let pixels = (0..<batch * shape.reduce(1, *)).map { _ in Float(abs(random.real())) }
    images = Tensor(validated: [batch] + shape, scalars: pixels)
    labels = (0..<batch).map { _ in random.roll(0...network.classes - 1) }
    targets = Tensor(oneHot: labels, classes: network.classes)
    data = try TensorData(images, targets)
    probabilities = Tensor(zeros: [batch, network.classes])
    let layers = isNarrow ? (network.narrow ?? network.layers)() : network.layers()
    model = try Model(inputShape: shape, layers: layers)
    if trains { try model.compile(options: options) } else { model.options = options }
  }
}
