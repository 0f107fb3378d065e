import CKernels
import Im2col

/// Parametric ReLU, with one slope for each channel.
package struct PReLUDescriptor: OpDescriptor {
  /// The number of pixels in one image.
  let pixels: Int
  let channels: Int
  /// The offset of the slopes in the storage.
  let slopeStart: Int

  package var outputCount: Int { pixels * channels }
  package var trainableRanges: [Range<Int>] { [slopeStart..<slopeStart + channels] }

  package func makeOp(_ settings: OpSettings) -> any Op {
    PReLUOp(descriptor: self, isFrozen: settings.isFrozen)
  }
}

/// Reads the input again for backward. The gradients of the slopes are summed by parts of the pixels.
struct PReLUOp: Op {
  let descriptor: PReLUDescriptor
  let isFrozen: Bool

  var backwardReadsOutput: Bool { false }
  var sharedScratchFloats: Int { ExecutionContext.maxParts * descriptor.channels }

  func forward(_ run: ForwardRun) {
    let channels = descriptor.channels
    run.context.forEachPart(of: run.images * descriptor.pixels, weight: channels) { _, rows in
      let start = rows.lowerBound * channels
      ckernels_prelu(
        Int64(rows.count), Int64(channels), run.input + start, run.parameters + descriptor.slopeStart,
        run.output + start)
    }
  }

  func backward(_ run: BackwardRun) {
    let (channels, rows) = (descriptor.channels, run.images * descriptor.pixels)
    run.context.forEachPart(of: rows, weight: channels) { part, rows in
      let start = rows.lowerBound * channels
      ckernels_prelu_gradient(
        Int64(rows.count), Int64(channels), run.input + start, run.parameters + descriptor.slopeStart,
        run.outputGradient + start, run.inputGradient.map { $0 + start },
        run.context.sharedScratch + part * channels)
    }
    guard !isFrozen else { return }
    let parts = ExecutionContext.parts(of: rows, weight: run.context.workers == nil ? 0 : channels)
    ckernels_sum_parts(
      run.context.sharedScratch, Int64(parts), Int64(channels), Int64(channels),
      run.gradients + descriptor.slopeStart, run.accumulates ? 1 : 0)
  }
}
