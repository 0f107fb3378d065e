import CKernels
import Im2col

/// A dense layer with its bias, optionally fused with the activation that follows.
package struct DenseDescriptor: OpDescriptor {
  let inputs, units: Int
  let kernelStart, biasStart: Int
  var activation = Activation.identity

  package var outputCount: Int { units }

  package func fused(with next: any OpDescriptor) -> (any OpDescriptor)? {
    guard let next = next as? ActivationDescriptor, next.activation.isElementwise,
      !next.activation.needsInput,
      activation == .identity
    else {
      return nil
    }
    var fused = self
    fused.activation = next.activation
    return fused
  }

  package func makeOp(_ settings: OpSettings) -> any Op { DenseOp(self, settings) }
}

/// A dense layer. In a micro-batch the input gradient uses a transposed copy of the kernel, made once per
/// update: OpenBLAS computes small products with a transposed right operand at half speed.
final class DenseOp: Op {
  let descriptor: DenseDescriptor
  let products: DenseProducts
  let keepsTransposedKernel: Bool

  var inputCount: Int { descriptor.inputs }
  var outputCount: Int { descriptor.units }
  let savedBytes = 0
  let sharedScratchFloats: Int
  let workerScratchFloats: Int
  var preparedFloats: Int { keepsTransposedKernel ? descriptor.inputs * descriptor.units : 0 }
  let lowering: Lowering? = .gemm

  init(_ descriptor: DenseDescriptor, _ settings: OpSettings) {
    self.descriptor = descriptor
    products = DenseProducts(
      inputs: descriptor.inputs, units: descriptor.units, scratchBudget: settings.options.scratchFloats)
    workerScratchFloats = products.scratchFloats(images: settings.images.maxCount)
    if case .upTo(let images) = settings.images {
      keepsTransposedKernel =
        settings.needsInputGradient && settings.trains && images >= KernelTranspose.minImages
    } else {
      keepsTransposedKernel = false
    }
    sharedScratchFloats = settings.trains ? ExecutionContext.maxParts * descriptor.units : 0
  }

  func forward(_ run: ForwardRun) {
    products.forward(
      images: run.images, run.input, kernel: run.parameters + descriptor.kernelStart,
      bias: run.parameters + descriptor.biasStart, descriptor.activation, into: run.output, run.context)
  }

  func backward(_ run: BackwardRun) {
    run.applyActivationGradient(
      descriptor.activation, channels: descriptor.units, biasStart: descriptor.biasStart)
    products.kernelGradient(
      images: run.images, input: run.input, outputGradient: run.outputGradient,
      into: run.gradients + descriptor.kernelStart, accumulate: run.accumulates, run.context)
    guard let inputGradient = run.inputGradient else { return }
    let copy = run.images >= KernelTranspose.minImages && keepsTransposedKernel ? run.prepared : nil
    products.inputGradient(
      images: run.images, outputGradient: run.outputGradient, kernel: run.parameters + descriptor.kernelStart,
      transposedKernel: copy, into: inputGradient, run.context)
  }

  /// The transposed copy that this op uses, if any.
  func transposedKernel(preparedStart: Int) -> KernelTranspose? {
    keepsTransposedKernel
      ? KernelTranspose(
        kernelStart: descriptor.kernelStart, rows: descriptor.inputs, columns: descriptor.units,
        preparedStart: preparedStart
      )
      : nil
  }
}

/// A dense kernel with a transposed copy, under the micro-batch schedule.
package struct KernelTranspose: Sendable {
  let kernelStart, rows, columns: Int
  /// The offset of the copy among all transposed copies.
  let preparedStart: Int

  /// For fewer images, a copy costs more than it saves.
  static let minImages = 4
}
