import Im2col

/// The channels of several values in order.
///
///     [pixels, 2]   [pixels, 3]   [pixels, 1]
///        a b           c d e           f           ->  [pixels, 6]  a b c d e f
package struct ConcatenateDescriptor: OpDescriptor {
  /// The number of pixels in one image.
  let pixels: Int
  /// The channels of every input.
  let channels: [Int]

  var total: Int { channels.reduce(0, +) }
  package var outputCount: Int { pixels * total }

  package func makeOp(_ settings: OpSettings) -> any Op { ConcatenateOp(self) }
}

/// Copies the pixels of the inputs into those of the output, and backward in the other direction.
final class ConcatenateOp: Op {
  let descriptor: ConcatenateDescriptor

  var backwardReadsInputs: Bool { false }
  var backwardReadsOutput: Bool { false }

  init(_ descriptor: ConcatenateDescriptor) { self.descriptor = descriptor }

  func forward(_ run: ForwardRun) {
    forEachPixel(run.images, run.context) { pixel, offsets in
      for (input, offset) in zip(run.inputs.indices, offsets) {
        let channels = descriptor.channels[input]
        (run.output + pixel * descriptor.total + offset)
          .update(from: run.inputs[input] + pixel * channels, count: channels)
      }
    }
  }

  func backward(_ run: BackwardRun) {
    forEachPixel(run.images, run.context) { pixel, offsets in
      for (input, offset) in zip(run.inputs.indices, offsets) {
        guard let inputGradient = run.inputGradients[input] else { continue }
        let channels = descriptor.channels[input]
        (inputGradient + pixel * channels)
          .update(from: run.outputGradient + pixel * descriptor.total + offset, count: channels)
      }
    }
  }

  /// Calls `body` with every pixel of all images, and the first channel of every input in the output.
  private func forEachPixel(
    _ images: Int, _ context: ExecutionContext, _ body: (_ pixel: Int, _ offsets: [Int]) -> Void
  ) {
    var offsets: [Int] = []
    var next = 0
    for channels in descriptor.channels {
      offsets.append(next)
      next += channels
    }
    context.forEachPart(of: images * descriptor.pixels, weight: next) { _, pixels in
      for pixel in pixels { body(pixel, offsets) }
    }
  }
}
