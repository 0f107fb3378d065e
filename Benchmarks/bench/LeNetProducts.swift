import ConvNet
import Im2col

/// The matrix products equivalent to the ops of a LeNet-5 training step, for one micro-batch.
///
/// Ops with the lowering `direct` compute the same sums without calling sgemm.
enum LeNetProducts {
  static func all() throws -> [ProductShape] {
    let model = try LeNetModel(batch: ShardPlan.groupImages, options: .default).model
    let products = OpProducts.all(
      of: try model.trainingOps, .upTo(ShardPlan.groupImages), options: .default)
    return products.compactMap { $0 }.flatMap { op in
      [op.forward, op.kernelGradient, op.inputGradient].compactMap { $0.map { ProductShape($0) } }
    }
  }
}
