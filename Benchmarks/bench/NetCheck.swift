import ConvNet
import Im2col
import Im2colReference

/// A network of the same kind as a measured one, narrow enough for the reference in Double, and two small
/// images.
struct NetCheck {
  private let model: Model
  private let images, targets: Tensor
  private let exact, rounded: ReferenceModel

  /// Images of 224x224 pixels are cut to this side, the least that leaves a pixel after five halvings of two.
  private static let largestSide = 64

  init(_ network: BenchNetwork, trains: Bool, options: ComputeOptions) throws {
    let side = min(network.inputShape[0], NetCheck.largestSide)
    let small = BenchNetwork(
      name: network.name, inputShape: [side, side, network.inputShape[2]], classes: network.classes,
      layers: network.narrow ?? network.layers)
    let net = try NetModel(small, batch: 2, trains: trains, options: options)
    (model, images, targets) = (net.model, net.images, net.targets)
    exact = try ReferenceModel(model)
    var rounded = exact
    rounded.roundsToFloat = true
    self.rounded = rounded
  }

  /// Returns how the probabilities differ from those of the network in Double; nil if they agree.
  func firstWrongProbability(_ injected: InjectedError?, name: String) throws -> String? {
    var actual = try model.predict(images)
    injected?.corrupt(&actual, of: name)
    return NetCheck.mismatch(
      actual, try exact.outputs(DoubleTensor(images)), try rounded.outputs(DoubleTensor(images))
    )
    .map { "the narrow network's probabilities: \($0)" }
  }

  /// Returns how the loss and the gradients of a step differ from the network in Double; nil if they agree.
  func firstWrongStep(_ injected: InjectedError?, name: String) throws -> String? {
    let expected = try exact.step(DoubleTensor(images), targets: DoubleTensor(targets))
    let rounded = try rounded.step(DoubleTensor(images), targets: DoubleTensor(targets))
    let (score, gradients) = try model.gradients(images, targets)
    if !(abs(score.loss - expected.loss) <= NetCheck.tolerance * expected.loss) {
      return "the narrow network's loss is \(score.loss) instead of \(expected.loss)"
    }
    let largest = expected.gradients.flatMap(\.scalars).map(abs).max() ?? 0
    var start = 0
    for (index, wanted) in expected.gradients.enumerated() {
      var gradient = Tensor(validated: wanted.shape, scalars: Array(gradients[start..<start + wanted.count]))
      injected?.corrupt(&gradient, of: name)
      start += wanted.count
      if let mismatch = NetCheck.mismatch(
        gradient, wanted, rounded.gradients[index], floor: NetCheck.floor * largest)
      {
        return "the narrow network's gradient of \(model.parameterShapes[index].name): \(mismatch)"
      }
    }
    return nil
  }

  /// Relative to a tensor's largest value; see `LeNetModel`.
  private static let tolerance = 2e-3
  /// Times the error of a network in Double whose values are rounded to Float between layers: batch
  /// normalization of few pixels magnifies rounding.
  private static let roundings = 8.0

  /// Relative to the largest gradient of all tensors: the gradient of an offset before a normalization is 0, and
  /// what remains is rounding.
  private static let floor = 1e-5

  private static func mismatch(
    _ actual: Tensor, _ exact: DoubleTensor, _ rounded: DoubleTensor, floor: Double = 0
  ) -> String? {
    let rounding = zip(exact.scalars, rounded.scalars).map { abs($0 - $1) }.max() ?? 0
    let largest = exact.scalars.map(abs).max() ?? 0
    return Im2colReference.firstMismatch(
      actual, exact, tolerance: .absolute(max(tolerance * largest, roundings * rounding, floor))
    )
    .map { "\($0)" }
  }
}
