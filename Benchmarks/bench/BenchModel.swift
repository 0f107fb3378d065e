import ConvNet
import Im2col

/// A model with one batch of random images in memory.
protocol BenchModel {
  var model: Sequential { get }
  var images: Tensor { get }
  var targets: Tensor { get }
  var data: TensorData { get }
}

extension BenchModel {
  /// The number of images.
  var batch: Int { data.count }

  /// FLOPs per image of the forward pass by definition; biases, pooling, and loss do not count.
  var forwardFLOPs: Double { model.plan.nodes.map(\.forwardFLOPs).reduce(0, +) }

  /// FLOPs per image of a training step: forward, and twice as much backward except for the first input gradient.
  var trainingFLOPs: Double { 3 * forwardFLOPs - (model.plan.nodes.first?.forwardFLOPs ?? 0) }
}
