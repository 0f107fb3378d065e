import Im2col

/// The two cases of LeNet-5 at one batch size.
struct LeNetCases {
  let batch: Int
  let lowering: LoweringOptions

  /// The largest batch; the check of a larger one in Double takes minutes.
  static let largestBatch = 8_192

  /// Small batches are repeated within a sample, as in `Benchmarks/peers/peers.py`.
  private var repetitions: Int { max(1, 512 / batch) }

  var cases: [BenchCase] {
    let configuration: [JSONField] = [
      JSONField("lowering_option", .text(lowering.lowering.rawValue)),
      JSONField("scratch_option", .integer(lowering.scratch)),
    ]
    let (train, infer) = ("lenet5/train/b\(batch)", "lenet5/infer/b\(batch)")
    return [
      BenchCase(name: train, images: batch, repetitions: repetitions, configuration: configuration) { pool in
        let lenet = try LeNetModel(batch: batch, options: lowering.computeOptions(pool.workers))
        return CasePlan(
          firstMismatch: { try lenet.firstWrongStep($0, name: train) },
          run: { try lenet.model.trainOnBatch(lenet.data) }, flops: lenet.trainingFLOPs * Double(batch))
      },
      BenchCase(name: infer, images: batch, repetitions: repetitions, configuration: configuration) { pool in
        let lenet = try LeNetModel(batch: batch, options: lowering.computeOptions(pool.workers))
        return CasePlan(
          firstMismatch: { try lenet.firstWrongProbability($0, name: infer) },
          run: { try lenet.model.predict(lenet.images, into: &lenet.probabilities) },
          flops: lenet.forwardFLOPs * Double(batch))
      },
    ]
  }
}
