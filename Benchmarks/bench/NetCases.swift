import ConvNet
import Im2col

/// The cases of a network at one batch size.
struct NetCases {
  let network: BenchNetwork
  let batch: Int
  let lowering: LoweringOptions

  /// The largest batch; ResNet-18's activations of one take 6 GB.
  static let largestBatch = 256

  private var train: String { "net/\(network.name)/train/b\(batch)" }
  private var infer: String { "net/\(network.name)/infer/b\(batch)" }

  /// A batch of one is not trained: the peers do not measure it.
  var cases: [BenchCase] {
    let configuration: [JSONField] = [
      JSONField("lowering_option", .text(lowering.lowering.rawValue)),
      JSONField("scratch_option", .integer(lowering.scratch)),
    ]
    let training = BenchCase(name: train, images: batch, repetitions: nil, configuration: configuration) {
      pool in
      let options = lowering.computeOptions(pool.workers)
      let net = try NetModel(network, batch: batch, trains: true, options: options)
      return CasePlan(
        firstMismatch: { _ in nil },
        run: { try net.model.trainOnBatch(net.data) }, flops: net.trainingFLOPs * Double(batch))
    }
    let inference = BenchCase(name: infer, images: batch, repetitions: nil, configuration: configuration) {
      pool in
      let options = lowering.computeOptions(pool.workers)
      let net = try NetModel(network, batch: batch, trains: false, options: options)
      return CasePlan(
        firstMismatch: { _ in nil },
        run: { try net.model.predict(net.images, into: &net.probabilities) },
        flops: net.forwardFLOPs * Double(batch))
    }
    return (batch > 1 ? [training] : []) + [inference]
  }
}
