import ConvNet
import Im2col

// Parameters of a batch normalization: gamma, beta, running mean, running variance.

extension BatchNormalizationLayer: ReferenceLayer {
  private func normalization(_ run: ReferenceRun) -> LoopNestBatchNormalization {
    LoopNestBatchNormalization(gamma: run.parameters[0], beta: run.parameters[1], epsilon: epsilon)
  }

  package func forward(_ run: ReferenceRun) -> DoubleTensor {
    normalization(run).forward(
      run.input,
      run.training == nil
        ? LoopNestBatchNormalization.Statistics(mean: run.parameters[2], variance: run.parameters[3])
        : LoopNestBatchNormalization.statistics(of: run.input))
  }

  package func gradients(
    of outputGradient: DoubleTensor, output: DoubleTensor, _ run: ReferenceRun
  ) -> ReferenceGradients {
    let (input, gamma, beta) = normalization(run).gradients(of: outputGradient, input: run.input)
    return ReferenceGradients(inputs: [input], parameters: [gamma, beta])
  }

  /// Moves the running values towards those of the batch, with the variance over the number of pixels minus
  /// 1; a single pixel has variance 0.
  package func updatedState(_ run: ReferenceRun) -> [DoubleTensor] {
    let batch = LoopNestBatchNormalization.statistics(of: run.input)
    let pixels = Double(run.input.count / batch.mean.count)
    let correction = pixels > 1 ? pixels / (pixels - 1) : 1
    let targets = [batch.mean, batch.variance.map { $0 * correction }]
    return zip(run.parameters[2...], targets).map { running, target in
      DoubleTensor(
        shape: running.shape,
        scalars: zip(running.scalars, target.scalars).map { momentum * $0 + (1 - momentum) * $1 })
    }
  }
}

extension ResponseNormalizationLayer: ReferenceLayer {
  private var normalization: LoopNestNormalization {
    LoopNestNormalization(size: size, k: Double(k), alpha: Double(alpha), beta: Double(beta))
  }

  package func forward(_ run: ReferenceRun) -> DoubleTensor { normalization.forward(run.input) }

  package func gradients(
    of outputGradient: DoubleTensor, output: DoubleTensor, _ run: ReferenceRun
  ) -> ReferenceGradients {
    ReferenceGradients(inputs: [normalization.gradient(of: outputGradient, input: run.input)])
  }
}
