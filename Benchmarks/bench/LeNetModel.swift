import ConvNet
import Im2col
import Im2colReference

/// LeNet-5 with one batch of random images in memory.
final class LeNetModel: BenchModel {
  let model: Sequential
  let images: Tensor
  let targets: Tensor
  let data: TensorData
  var probabilities: Tensor
  private let labels: [Int]

  /// Draws pixels in [0, 1) and classes from a fixed seed.
  init(batch: Int, options: ComputeOptions) throws {
    var random = SplitMix64(seed: 0x1e_5e)
    let pixels = (0..<batch * 28 * 28).map { _ in Float(abs(random.real())) }
    images = Tensor(validated: [batch, 28, 28, 1], scalars: pixels)
    labels = (0..<batch).map { _ in random.roll(0...9) }
    targets = Tensor(
      validated: [batch, 10], scalars: labels.flatMap { label in (0..<10).map { $0 == label ? 1 : 0 } })
    data = try TensorData(images, targets)
    probabilities = Tensor(zeros: [batch, 10])
    model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers())
    try model.compile(options: options)
  }

  // MARK: - Checks

  /// Returns how the probabilities of some images differ from those of the network in Double; nil if they agree.
  func firstWrongProbability(_ injected: InjectedError?, name: String) throws -> String? {
    try model.predict(images, into: &probabilities)
    injected?.corrupt(&probabilities, of: name)
    let batch = labels.count
    let checked = batch <= 32 ? Array(0..<batch) : SeededPositions.indices(of: [batch], count: 32, seed: 1)
    let some = DoubleTensor(
      shape: [checked.count, 28, 28, 1],
      scalars: checked.flatMap { images.scalars[$0 * 784..<($0 + 1) * 784].map(Double.init) })
    let expected = try ReferenceModel(model).outputs(some)
    let actual = DoubleTensor(
      shape: expected.shape,
      scalars: checked.flatMap { probabilities.scalars[$0 * 10..<($0 + 1) * 10].map(Double.init) })
    return Im2colReference.firstMismatch(
      actual, expected, tolerance: .absolute(LeNetModel.probabilityTolerance)
    )
    .map { "the probabilities of images \(checked): \($0)" }
  }

  /// Returns how the loss, gradients, and update of one step differ from the network and Adam in Double; nil if they
  /// agree.
  func firstWrongStep(_ injected: InjectedError?, name: String) throws -> String? {
    let before = model.parameterTensors.map { DoubleTensor($0.tensor) }
    let expected = try referenceGradients()
    let (score, gradients) = try model.gradients(images, targets)
    if !(abs(score.loss - expected.loss) <= LeNetModel.lossTolerance * expected.loss) {
      return "the loss is \(score.loss) instead of \(expected.loss)"
    }
    var start = 0
    var actual: [DoubleTensor] = []
    for (wanted, named) in zip(expected.gradients, model.parameterShapes) {
      var gradient = Tensor(validated: wanted.shape, scalars: Array(gradients[start..<start + wanted.count]))
      injected?.corrupt(&gradient, of: name)
      start += wanted.count
      actual.append(DoubleTensor(gradient))
      let allowed = LeNetModel.gradientTolerance * (wanted.scalars.map(abs).max() ?? 0)
      if let mismatch = Im2colReference.firstMismatch(gradient, wanted, tolerance: .absolute(allowed)) {
        return "the gradient of \(named.name): \(mismatch)"
      }
    }
    // Adam's first step divides by the size of the gradient, so the reference uses the engine's gradients.
    var (adam, after) = (ReferenceAdam(), before)
    adam.update(&after, gradients: actual)
    let trained = try model.trainOnBatch(data)
    if trained.lossSum.bitPattern != score.lossSum.bitPattern {
      return "the training step's loss is \(trained.loss), that of the same gradient \(score.loss)"
    }
    for (wanted, named) in zip(after, model.parameterTensors) {
      if let mismatch = Im2colReference.firstMismatch(
        named.tensor, wanted, tolerance: .absolute(LeNetModel.updateTolerance))
      {
        return "\(named.name) after a step: \(mismatch)"
      }
    }
    return nil
  }

  /// A probability in 0...1 results from about a hundred thousand roundings of 6e-8.
  private static let probabilityTolerance = 2e-5
  private static let lossTolerance = 1e-5
  /// Relative to a tensor's largest gradient. Where two pixels tie within rounding, or a unit is zero within it, the
  /// engine may decide differently; a missing image causes an error ten times as large.
  private static let gradientTolerance = 2e-3
  /// A step changes a parameter by at most 1e-3; parameters of size 1 are rounded.
  private static let updateTolerance = 1e-6

  /// Computes the loss and gradients of the whole batch, a few images per unit of work.
  private func referenceGradients() throws -> (loss: Double, gradients: [DoubleTensor]) {
    let (reference, batch, imagesPerUnit) = (try ReferenceModel(model), labels.count, 8)
    let (images, labels) = (images, labels)
    let units = (batch + imagesPerUnit - 1) / imagesPerUnit
    var parts = [ReferenceModel.Step?](repeating: nil, count: units)
    parts.withUnsafeMutableBufferPointer { parts in
      // Every unit writes its own element.
      nonisolated(unsafe) let parts = parts
      Workers().run(units) { unit, _ in
        let range = unit * imagesPerUnit..<min((unit + 1) * imagesPerUnit, batch)
        let some = DoubleTensor(
          shape: [range.count, 28, 28, 1],
          scalars: images.scalars[range.lowerBound * 784..<range.upperBound * 784].map(Double.init))
        parts[unit] = try? reference.step(
          some, targets: DoubleTensor(oneHot: Array(labels[range]), classes: 10))
      }
    }
    var (loss, sums) = (0.0, reference.parameters.map { DoubleTensor(zeros: $0.shape) })
    for (unit, part) in parts.enumerated() {
      guard let part else { throw WrongReference() }
      let weight = Double(min(imagesPerUnit, batch - unit * imagesPerUnit)) / Double(batch)
      loss += weight * part.loss
      for p in sums.indices { sums[p].add(part.gradients[p].map { weight * $0 }) }
    }
    return (loss, sums)
  }

  struct WrongReference: Error, CustomStringConvertible {
    let description = "the reference model does not accept LeNet-5's images"
  }
}
