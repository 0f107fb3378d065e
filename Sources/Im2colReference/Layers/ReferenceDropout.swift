import ConvNet
import Im2col

extension DropoutLayer: ReferenceLayer {
  package func forward(_ run: ReferenceRun) -> DoubleTensor { product(run.input, run) }

  package func gradients(
    of outputGradient: DoubleTensor, output: DoubleTensor, _ run: ReferenceRun
  ) -> ReferenceGradients {
    ReferenceGradients(inputs: [product(outputGradient, run)])
  }

  /// Multiplies every scalar of `[batch, ...]` by 0 or `1 / (1 - rate)`, from the words of the generator; by 1
  /// in inference.
  private func product(_ input: DoubleTensor, _ run: ReferenceRun) -> DoubleTensor {
    guard let training = run.training else { return input }
    let random = CounterRandom(
      seed: training.seed, stream: .dropout(layer: run.node, update: training.update))
    let count = input.shape.dropFirst().reduce(1, *)
    var result = input
    for index in result.scalars.indices {
      let (image, element) = (index / count, index % count)
      let word = random.block(UInt64(image) << 32 + UInt64(element / 4))[element % 4]
      let isKept = Double(word) >= Double(rate) * 0x1p32
      result.scalars[index] = isKept ? input.scalars[index] / (1 - Double(rate)) : 0
    }
    return result
  }
}
