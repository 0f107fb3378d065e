import ConvNet
import Im2col

// The layers that move or add scalars.

extension FlattenLayer: ReferenceLayer {
  package func forward(_ run: ReferenceRun) -> DoubleTensor {
    run.input.reshaped(to: [run.input.shape[0], run.input.shape[1...].reduce(1, *)])
  }

  package func gradients(
    of outputGradient: DoubleTensor, output: DoubleTensor, _ run: ReferenceRun
  ) -> ReferenceGradients {
    ReferenceGradients(inputs: [outputGradient.reshaped(to: run.input.shape)])
  }
}

extension AddLayer: ReferenceLayer {
  package func forward(_ run: ReferenceRun) -> DoubleTensor {
    run.inputs.dropFirst().reduce(into: run.input) { $0.add($1) }
  }

  package func gradients(
    of outputGradient: DoubleTensor, output: DoubleTensor, _ run: ReferenceRun
  ) -> ReferenceGradients {
    ReferenceGradients(inputs: run.inputs.map { _ in outputGradient })
  }
}

extension ConcatenateLayer: ReferenceLayer {
  package func forward(_ run: ReferenceRun) -> DoubleTensor {
    let rows = run.inputs.map(LoopNestActivations.rows)
    let scalars = rows[0].indices.flatMap { pixel in rows.flatMap { $0[pixel] } }
    let channels = run.inputs.map { $0.shape[$0.shape.count - 1] }.reduce(0, +)
    return DoubleTensor(shape: run.input.shape.dropLast() + [channels], scalars: scalars)
  }

  package func gradients(
    of outputGradient: DoubleTensor, output: DoubleTensor, _ run: ReferenceRun
  ) -> ReferenceGradients {
    var first = 0
    let parts = run.inputs.map { input in
      let channels = input.shape[input.shape.count - 1]
      defer { first += channels }
      return DoubleTensor(
        shape: input.shape,
        scalars: LoopNestActivations.rows(of: outputGradient).flatMap { $0[first..<first + channels] })
    }
    return ReferenceGradients(inputs: parts)
  }
}

extension ZeroPaddingLayer: ReferenceLayer {
  package func forward(_ run: ReferenceRun) -> DoubleTensor {
    let input = run.input.shape
    var result = DoubleTensor(
      zeros: [input[0], top + input[1] + bottom, left + input[2] + right, input[3]])
    forEachPixel(of: input) { from, to in result.scalars[to] = run.input.scalars[from] }
    return result
  }

  package func gradients(
    of outputGradient: DoubleTensor, output: DoubleTensor, _ run: ReferenceRun
  ) -> ReferenceGradients {
    var result = DoubleTensor(zeros: run.input.shape)
    forEachPixel(of: run.input.shape) { from, to in result.scalars[from] = outputGradient.scalars[to] }
    return ReferenceGradients(inputs: [result])
  }

  /// Calls `body` with the index of every scalar in the input and in the padded output.
  private func forEachPixel(of input: [Int], _ body: (_ input: Int, _ output: Int) -> Void) {
    let (height, width) = (top + input[1] + bottom, left + input[2] + right)
    for image in 0..<input[0] {
      for row in 0..<input[1] {
        for column in 0..<input[2] {
          for channel in 0..<input[3] {
            body(
              ((image * input[1] + row) * input[2] + column) * input[3] + channel,
              ((image * height + top + row) * width + left + column) * input[3] + channel)
          }
        }
      }
    }
  }
}
