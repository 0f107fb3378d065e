import ConvNet
import Im2col

/// The matrix products equivalent to the ops of a LeNet-5 training step, for one micro-batch.
///
/// Ops with the lowering `direct` compute the same sums without calling sgemm.
enum LeNetProducts {
  static func all() throws -> [ProductShape] {
    let probe = try LeNetModel(batch: ShardPlan.microBatchImages, options: .default).probe(options: .default)
    return probe.pieces.flatMap { op in
      guard let products = op.products else { return [ProductShape]() }
      let backward = [products.kernelGradient] + (op.makesInputGradient ? [products.inputGradient] : [])
      return ([products.forward] + backward).map { ProductShape($0) }
    }
  }
}
