import ConvNet
import Im2col

/// The two cases of AlexNet at one batch size.
struct AlexnetCases {
  let batch: Int
  let towers: AlexNet.Towers
  let lowering: LoweringOptions

  static let largestBatch = 1_024

  /// `alexnet` is the paper's net, `alexnet1` the one-tower form.
  private var net: String { towers == .two ? "alexnet" : "alexnet1" }

  var cases: [BenchCase] {
    let recipe: [JSONField] = [
      JSONField("lowering_option", .text(lowering.lowering.rawValue)),
      JSONField("scratch_option", .integer(lowering.scratch)),
    ]
    let (train, infer) = ("\(net)/train/b\(batch)", "\(net)/infer/b\(batch)")
    return [
      BenchCase(name: train, images: batch, repetitions: 1, recipe: recipe) { crew in
        let alexnet = try AlexnetModel(
          batch: batch, towers: towers, options: lowering.computeOptions(crew.workers))
        return CasePlan(
          firstMismatch: { _ in nil },
          run: { try alexnet.model.trainOnBatch(alexnet.data) }, flops: alexnet.trainingFLOPs * Double(batch))
      },
      BenchCase(name: infer, images: batch, repetitions: 1, recipe: recipe) { crew in
        let alexnet = try AlexnetModel(
          batch: batch, towers: towers, options: lowering.computeOptions(crew.workers))
        return CasePlan(
          firstMismatch: { _ in nil },
          run: { try alexnet.model.predict(alexnet.images, into: &alexnet.probabilities) },
          flops: alexnet.forwardFLOPs * Double(batch))
      },
    ]
  }
}
