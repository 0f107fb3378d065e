import CKernels
import Im2col

/// Dropout; active in training only.
package struct DropoutDescriptor: OpDescriptor {
  let rate: Float
  /// The number of scalars in one image.
  let count: Int
  /// The index of the layer in the model.
  let layer: Int

  package var outputCount: Int { count }

  package func isIdentity(_ purpose: OpPurpose) -> Bool { rate == 0 || !purpose.trains }

  package func makeOp(_ settings: OpSettings) -> any Op { DropoutOp(self) }
}

/// Saves the mask for backward, one byte per scalar: reading it is cheaper than ten rounds of the generator.
final class DropoutOp: Op {
  let descriptor: DropoutDescriptor

  var savedBytes: Int { descriptor.count }
  var backwardReadsInputs: Bool { false }
  var backwardReadsOutput: Bool { false }

  init(_ descriptor: DropoutDescriptor) { self.descriptor = descriptor }

  private var scale: Float { 1 / (1 - descriptor.rate) }

  /// A scalar is dropped if its random word is below this.
  private var threshold: UInt32 { UInt32(Double(descriptor.rate) * 0x1p32) }

  func forward(_ run: ForwardRun) {
    let count = descriptor.count
    guard let randomKey = run.randomKey, let saved = run.saved else {
      run.context.forEachPart(of: run.images, weight: count) { _, images in
        let start = images.lowerBound * count
        (run.output + start).update(from: run.input + start, count: images.count * count)
      }
      return
    }
    let stream = CounterRandom.Stream.dropout(layer: descriptor.layer, update: randomKey.update)
    run.context.forEachPart(of: run.images, weight: count) { _, images in
      for image in images {
        // The upper half of a block number is the image, the lower half the position in the image.
        let firstBlock = UInt64(randomKey.firstImage + image) << 32
        ckernels_dropout(
          ckernels_random_key(seed: randomKey.seed, stream: stream.rawValue, first_block: firstBlock),
          threshold,
          scale,
          Int64(count), run.input + image * count, run.output + image * count, saved + image * count)
      }
    }
  }

  func backward(_ run: BackwardRun) {
    guard let inputGradient = run.inputGradient else { return }
    let count = descriptor.count
    run.context.forEachPart(of: run.images, weight: count) { _, images in
      let start = images.lowerBound * count
      ckernels_dropout_gradient(
        scale, Int64(images.count * count), run.saved + start, run.outputGradient + start,
        inputGradient + start)
    }
  }
}
