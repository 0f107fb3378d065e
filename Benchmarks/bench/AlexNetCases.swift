import ConvNet
import Im2col

/// The cases of AlexNet at one batch size.
struct AlexNetCases {
  let batch: Int
  let towers: AlexNet.Towers
  let lowering: LoweringOptions

  /// The largest batch; its activations take 4 GB.
  static let largestBatch = 512

  /// `alexnet` is the paper's network, `alexnet1` the one with a single tower.
  private var net: String { towers == .two ? "alexnet" : "alexnet1" }
  private var train: String { "\(net)/train/b\(batch)" }
  private var infer: String { "\(net)/infer/b\(batch)" }

  var cases: [BenchCase] {
    let configuration: [JSONField] = [
      JSONField("lowering_option", .text(lowering.lowering.rawValue)),
      JSONField("scratch_option", .integer(lowering.scratch)),
    ]
    return [
      BenchCase(name: train, images: batch, repetitions: 1, configuration: configuration) { pool in
        let options = lowering.computeOptions(pool.workers)
        let narrow = try NarrowAlexNet(towers: towers, options: options)
        let alexnet = try AlexNetModel(batch: batch, towers: towers, options: options)
        return CasePlan(
          firstMismatch: { try narrow.firstWrongStep($0, name: train) },
          run: { try alexnet.model.trainOnBatch(alexnet.data) }, flops: alexnet.trainingFLOPs * Double(batch))
      },
      BenchCase(name: infer, images: batch, repetitions: 1, configuration: configuration) { pool in
        let options = lowering.computeOptions(pool.workers)
        let narrow = try NarrowAlexNet(towers: towers, options: options)
        let alexnet = try AlexNetModel(batch: batch, towers: towers, options: options)
        return CasePlan(
          firstMismatch: { injected in
            if let problem = try narrow.firstWrongProbability(injected, name: infer) { return problem }
            // This takes minutes in a debug build.
            return MachineHeader.build == "release"
              ? try alexnet.firstWrongProbability(injected, name: infer) : nil
          },
          run: { try alexnet.model.predict(alexnet.images, into: &alexnet.probabilities) },
          flops: alexnet.forwardFLOPs * Double(batch))
      },
    ]
  }

  /// Measures the memory of a training step.
  ///
  /// - Throws: `AlexNetMemory.TooMuch` if it exceeds the limit.
  func memory(_ pool: WorkerPool) throws -> (name: String, AlexNetMemory) {
    let name = "\(net)/memory/b\(batch)"
    let memory = try AlexNetMemory(
      batch: batch, towers: towers, options: lowering.computeOptions(pool.workers))
    guard memory.peakBytes <= memory.allowedBytes else {
      throw AlexNetMemory.TooMuch(description: "too much memory: \(memory.text(case: name))")
    }
    return (name, memory)
  }
}
