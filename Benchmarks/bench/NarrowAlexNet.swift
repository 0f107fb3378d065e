import ConvNet
import Im2col
import Im2colReference

/// AlexNet with an eighth of its channels, on small images and with the same schedule. A network in Double computes its
/// training step within seconds, so training steps are checked on it.
struct NarrowAlexNet {
  private let model: Sequential
  private let images: Tensor
  private let labels = [3, 0]

  private static let shape = [67, 83, 3]
  private static let classes = 10

  init(towers: AlexNet.Towers, options: ComputeOptions) throws {
    var random = SplitMix64(seed: 0xa1e)
    images = Tensor(random: [labels.count] + NarrowAlexNet.shape, &random)
    // Keeps the activations of every layer near 1; with the paper's initialization they would be too small to compare.
    let layers = AlexNet.layers(
      AlexNet.Widths(dividedBy: 8), towers: towers, classes: NarrowAlexNet.classes, initializer: .heNormal)
    model = try Sequential(inputShape: NarrowAlexNet.shape, layers: layers)
    model.forcedSchedule = .layerByLayer
    try model.compile(optimizer: AlexNet.optimizer, options: options)
  }

  /// Returns how the probabilities differ from those of the network in Double; nil if they agree.
  func firstWrongProbability(_ injected: InjectedError?, name: String) throws -> String? {
    var actual = try model.predict(images)
    injected?.corrupt(&actual, of: name)
    let expected = try ReferenceModel(model).outputs(DoubleTensor(images))
    return Im2colReference.firstMismatch(
      actual, expected, tolerance: .absolute(NarrowAlexNet.probabilityTolerance)
    )
    .map { "the narrow network's probabilities: \($0)" }
  }

  /// Returns how the loss, gradients, and update of one step differ from the network in Double; nil if they agree.
  func firstWrongStep(_ injected: InjectedError?, name: String) throws -> String? {
    let targets = Tensor(oneHot: labels, classes: NarrowAlexNet.classes)
    let before = model.parameters
    let expected = try ReferenceModel(model).step(DoubleTensor(images), targets: DoubleTensor(targets))
    let (score, gradients) = try model.gradients(images, targets)
    if !(abs(score.loss - expected.loss) <= NarrowAlexNet.lossTolerance * expected.loss) {
      return "the narrow network's loss is \(score.loss) instead of \(expected.loss)"
    }
    var start = 0
    for (wanted, named) in zip(expected.gradients, model.parameterShapes) {
      var gradient = Tensor(validated: wanted.shape, scalars: Array(gradients[start..<start + wanted.count]))
      injected?.corrupt(&gradient, of: name)
      start += wanted.count
      let allowed = NarrowAlexNet.gradientTolerance * (wanted.scalars.map(abs).max() ?? 0)
      if let mismatch = Im2colReference.firstMismatch(gradient, wanted, tolerance: .absolute(allowed)) {
        return "the narrow network's gradient of \(named.name): \(mismatch)"
      }
    }
    guard case .sgd(let sgd) = AlexNet.optimizer else { return "the optimizer is not gradient descent" }
    // The velocity is zero before the first update.
    let after = zip(before, gradients).map { value, gradient in
      Double(value)
        - Double(sgd.learningRate) * (Double(gradient) + Double(sgd.weightDecay) * Double(value))
    }
    try model.trainOnBatch(images, targets)
    let trained = Tensor(validated: [before.count], scalars: model.parameters)
    return Im2colReference.firstMismatch(
      trained, DoubleTensor(shape: [before.count], scalars: after),
      tolerance: .absolute(NarrowAlexNet.updateTolerance)
    )
    .map { "the narrow network's parameters after a step: \($0)" }
  }

  private static let probabilityTolerance = 2e-5
  private static let lossTolerance = 1e-5
  /// Relative to a tensor's largest gradient; see `LeNetModel`.
  private static let gradientTolerance = 2e-3
  /// Parameters of size 1 are rounded.
  private static let updateTolerance = 1e-6
}
