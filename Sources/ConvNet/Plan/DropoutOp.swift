import CKernels
import Im2col

/// Numbers left out at random, in training alone.
package struct DropoutDescriptor: OpDescriptor {
  let rate: Float
  /// Scalars of one image.
  let count: Int
  /// Which of the model's layers this is.
  let layer: Int

  package var outputCount: Int { count }

  package var isIdentity: Bool { rate == 0 }

  package func op(_ settings: OpSettings) -> any Op { DropoutOp(self) }
}

/// Keeps a byte a number for the way back: reading it is cheaper than ten rounds of the generator.
final class DropoutOp: Op {
  let descriptor: DropoutDescriptor

  var inputCount: Int { descriptor.count }
  var outputCount: Int { descriptor.count }
  var savedBytes: Int { descriptor.count }
  let sharedFloats = 0
  let workerFloats = 0
  let preparedFloats = 0
  let lowering: LoweringName? = nil

  init(_ descriptor: DropoutDescriptor) { self.descriptor = descriptor }

  private var scale: Float { 1 / (1 - descriptor.rate) }

  /// Random words below this leave a number out.
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
        // The upper half of a block's number is the image, the lower half its place in the image.
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
