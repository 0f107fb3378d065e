import Im2col

/// An activation that is not fused into another op: elementwise, or softmax over rows.
package struct ActivationDescriptor: OpDescriptor {
  let activation: Activation
  /// The shape of one image.
  let shape: [Int]

  package var outputCount: Int { shape.reduce(1, *) }

  package func isIdentity(_ purpose: OpPurpose) -> Bool { activation == .identity }

  package func makeOp(_ settings: OpSettings) -> any Op {
    ActivationOp(activation: activation, shape: shape)
  }
}

/// Computes `f(x)` forward and `g * f'(x)` backward, with `f'` computed from the output, or from the
/// input where the function needs it.
final class ActivationOp: Op {
  let activation: Activation
  /// The number of scalars in one image.
  let count: Int
  /// The length of the rows of a softmax.
  let rowCount: Int

  var backwardReadsInputs: Bool { activation.needsInput }
  var backwardReadsOutput: Bool { !activation.needsInput }

  init(activation: Activation, shape: [Int]) {
    self.activation = activation
    count = shape.reduce(1, *)
    rowCount = shape.last ?? 1
  }

  func forward(_ run: ForwardRun) {
    run.context.forEachPart(of: run.images, weight: count) { _, images in
      activation.apply(
        rows: images.count * count / rowCount, columns: rowCount,
        run.input + images.lowerBound * count, into: run.output + images.lowerBound * count)
    }
  }

  func backward(_ run: BackwardRun) {
    guard let inputGradient = run.inputGradient else { return }
    run.context.forEachPart(of: run.images, weight: count) { _, images in
      let start = images.lowerBound * count
      activation.gradient(
        rows: images.count * count / rowCount, columns: rowCount,
        values: (activation.needsInput ? run.input : run.output) + start,
        outputGradient: run.outputGradient + start, into: inputGradient + start)
    }
  }
}
