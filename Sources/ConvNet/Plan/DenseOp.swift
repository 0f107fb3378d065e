import CKernels
import Im2col

/// A dense layer with its bias, optionally fused with the activation that follows.
package struct DenseDescriptor: ActivatedDescriptor {
  let inputs, units: Int
  let kernelStart: Int
  /// nil without a bias.
  let biasStart: Int?
  package var activation = Activation.identity

  package var outputCount: Int { units }

  package var trainableRanges: [Range<Int>] {
    [kernelStart..<kernelStart + inputs * units] + (biasStart.map { [$0..<$0 + units] } ?? [])
  }

  package func makeOp(_ settings: OpSettings) -> any Op { DenseOp(self, settings) }
}

/// A dense layer.
final class DenseOp: Op {
  let descriptor: DenseDescriptor
  let products: DenseProducts
  private let isFrozen: Bool

  let sharedScratchFloats: Int
  let workerScratchFloats: Int
  let lowering: Lowering? = .gemm
  var backwardReadsOutput: Bool { descriptor.activation != .identity }

  init(_ descriptor: DenseDescriptor, _ settings: OpSettings) {
    self.descriptor = descriptor
    isFrozen = settings.isFrozen
    products = DenseProducts(
      inputs: descriptor.inputs, units: descriptor.units, scratchBudget: settings.options.scratchFloats)
    workerScratchFloats = products.scratchFloats(
      images: settings.images.maxCount, gradients: settings.trains && settings.needsInputGradient)
    sharedScratchFloats = settings.trains ? ExecutionContext.maxParts * descriptor.units : 0
  }

  func forward(_ run: ForwardRun) {
    products.forward(
      images: run.images, run.input, kernel: run.parameters + descriptor.kernelStart,
      bias: descriptor.biasStart.map { run.parameters + $0 }, descriptor.activation, into: run.output,
      run.context)
  }

  func backward(_ run: BackwardRun) {
    run.applyActivationGradient(
      descriptor.activation, channels: descriptor.units, biasStart: isFrozen ? nil : descriptor.biasStart)
    if !isFrozen {
      products.kernelGradient(
        images: run.images, input: run.input, outputGradient: run.outputGradient,
        into: run.gradients + descriptor.kernelStart, accumulate: run.accumulates, run.context)
    }
    guard let inputGradient = run.inputGradient else { return }
    products.inputGradient(
      images: run.images, outputGradient: run.outputGradient, kernel: run.parameters + descriptor.kernelStart,
      into: inputGradient, run.context)
  }
}
