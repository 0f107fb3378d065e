import Im2col

/// Rows and columns of zeros around an image.
///
///     0 0 0 0 0
///     0 a b c 0        input [height, width, channels] at row `top` and column `left` of the output
///     0 d e f 0
package struct ZeroPaddingDescriptor: OpDescriptor {
  /// `[height, width, channels]`.
  let input, output: [Int]
  let top, left: Int

  package var outputCount: Int { output.reduce(1, *) }
  var inputCount: Int { input.reduce(1, *) }

  package func isIdentity(_ purpose: OpPurpose) -> Bool { input == output }

  package func makeOp(_ settings: OpSettings) -> any Op { ZeroPaddingOp(descriptor: self) }
}

/// Copies the rows of the image; backward reads them from the output gradient.
struct ZeroPaddingOp: Op {
  let descriptor: ZeroPaddingDescriptor

  var backwardReadsInputs: Bool { false }
  var backwardReadsOutput: Bool { false }

  func forward(_ run: ForwardRun) {
    run.context.forEachPart(of: run.images, weight: descriptor.outputCount) { _, images in
      (run.output + images.lowerBound * descriptor.outputCount)
        .update(repeating: 0, count: images.count * descriptor.outputCount)
      forEachRow(of: images) { small, large, count in
        (run.output + large).update(from: run.input + small, count: count)
      }
    }
  }

  func backward(_ run: BackwardRun) {
    guard let inputGradient = run.inputGradient else { return }
    run.context.forEachPart(of: run.images, weight: descriptor.inputCount) { _, images in
      forEachRow(of: images) { small, large, count in
        (inputGradient + small).update(from: run.outputGradient + large, count: count)
      }
    }
  }

  /// Calls `body` with the offset of every row in the inputs and in the outputs, and its length.
  private func forEachRow(of images: Range<Int>, _ body: (_ small: Int, _ large: Int, _ count: Int) -> Void) {
    let (row, paddedRow) = (
      descriptor.input[1] * descriptor.input[2], descriptor.output[1] * descriptor.output[2]
    )
    for image in images {
      for y in 0..<descriptor.input[0] {
        body(
          image * descriptor.inputCount + y * row,
          image * descriptor.outputCount + (y + descriptor.top) * paddedRow
            + descriptor.left * descriptor.input[2],
          row)
      }
    }
  }
}
