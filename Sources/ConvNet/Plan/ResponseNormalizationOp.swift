import CKernels
import Im2col

/// Local response normalization across the channels of each pixel.
package struct ResponseNormalizationDescriptor: OpDescriptor {
  let kernel: ckernels_response_normalization
  /// The number of scalars in one image.
  let count: Int

  package var outputCount: Int { count }

  package func makeOp(_ settings: OpSettings) -> any Op { ResponseNormalizationOp(self) }
}

/// Saves nothing for backward: recomputing sums and roots is cheaper than storing them.
final class ResponseNormalizationOp: Op {
  let descriptor: ResponseNormalizationDescriptor
  let workerScratchFloats: Int

  var backwardReadsOutput: Bool { false }

  init(_ descriptor: ResponseNormalizationDescriptor) {
    self.descriptor = descriptor
    workerScratchFloats = descriptor.kernel.scratchFloats
  }

  func forward(_ run: ForwardRun) {
    forEachPart(run.images, run.context) { rows, start, scratch in
      descriptor.kernel.apply(rows: rows, run.input + start, into: run.output + start, scratch: scratch)
    }
  }

  func backward(_ run: BackwardRun) {
    guard let inputGradient = run.inputGradient else { return }
    forEachPart(run.images, run.context) { rows, start, scratch in
      descriptor.kernel.gradient(
        rows: rows, input: run.input + start, outputGradient: run.outputGradient + start,
        into: inputGradient + start, scratch: scratch)
    }
  }

  /// Divides the pixels of all images into parts.
  private func forEachPart(
    _ images: Int, _ context: ExecutionContext,
    _ body: (_ rows: Int, _ start: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void
  ) {
    let channels = Int(descriptor.kernel.channels)
    let rows = images * (descriptor.count / channels)
    let parts = ExecutionContext.parts(of: rows, weight: context.workers == nil ? 0 : channels)
    context.forEach(parts) { part, scratch in
      let first = part * rows / parts
      body((part + 1) * rows / parts - first, first * channels, scratch)
    }
  }
}
