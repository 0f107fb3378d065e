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
  var forwardFLOPs: Double { model.plan.layers.map(\.forwardFLOPs).reduce(0, +) }

  /// FLOPs per image of a training step: forward, and twice as much backward except for the first input gradient.
  var trainingFLOPs: Double { 3 * forwardFLOPs - (model.plan.layers.first?.forwardFLOPs ?? 0) }

  /// Returns the gradients for the images of `probe`.
  func probedGradients() throws -> [Float] {
    let (images, targets) = probed
    return try model.gradients(images, targets).gradients
  }

  /// Returns the training step op by op: of a micro-batch, or of the batch under the layer-by-layer schedule.
  func probe(options: ComputeOptions) throws -> StepProbe {
    let (images, targets) = probed
    return try StepProbe(model, images: images, targets: targets, options: options)
  }

  private var probed: (images: Tensor, targets: Tensor) {
    let count = model.executionSchedule == .microBatch ? min(batch, ShardPlan.microBatchImages) : batch
    let (pixels, classes) = (images.count / batch, targets.count / batch)
    return (
      Tensor(
        validated: [count] + images.shape.dropFirst(), scalars: Array(images.scalars[..<(count * pixels)])),
      Tensor(validated: [count, classes], scalars: Array(targets.scalars[..<(count * classes)]))
    )
  }
}
