import CKernels
import Im2col

/// Local response normalization of a batch of images; see `ResponseNormalizationLayer` for the formula.
///
/// - Parameters:
///   - input: `[batch, height, width, channels]`, or any shape whose last axis is the channels.
///   - settings: size of the window, `k`, `alpha`, `beta`.
///   - options: the workers that share the pixels.
/// - Returns: the shape of `input`.
/// - Throws: `EngineError.shape` when there is no axis of channels, or a setting makes no sense.
/// - Complexity: O(`n * size`) where *n* is the number of scalars.
public func responseNormalization(
  _ input: Tensor, _ settings: ResponseNormalizationLayer = .init(), options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  let pixels = try NormalizedPixels(input, settings)
  var output = Tensor(zeros: input.shape)
  input.withUnsafeScalars { input in
    output.withUnsafeMutableScalars { output in
      pixels.forEachPart(options.workers) { rows, start, scratch in
        pixels.kernel.apply(rows: rows, input + start, into: output + start, scratch: scratch)
      }
    }
  }
  return output
}

/// The gradient of local response normalization's input, given the gradient of its output.
///
/// - Parameters:
///   - outputGradient: the shape of `input`.
///   - input: as in the forward pass.
///   - settings: as in the forward pass.
///   - options: the workers that share the pixels.
/// - Returns: the shape of `input`.
/// - Throws: `EngineError.shape` when shapes clash, or a setting makes no sense.
/// - Complexity: O(`n * size`) where *n* is the number of scalars.
public func responseNormalizationGradient(
  of outputGradient: Tensor, input: Tensor, _ settings: ResponseNormalizationLayer = .init(),
  options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  let pixels = try NormalizedPixels(input, settings)
  try EngineError.require(outputGradient, input.shape, "the output's gradient")
  var inputGradient = Tensor(zeros: input.shape)
  input.withUnsafeScalars { input in
    outputGradient.withUnsafeScalars { outputGradient in
      inputGradient.withUnsafeMutableScalars { inputGradient in
        pixels.forEachPart(options.workers) { rows, start, scratch in
          pixels.kernel.gradient(
            rows: rows, input: input + start, outputGradient: outputGradient + start,
            into: inputGradient + start, scratch: scratch)
        }
      }
    }
  }
  return inputGradient
}

/// The pixels of a tensor, validated.
private struct NormalizedPixels {
  let kernel: ckernels_response_normalization
  let rows, channels: Int

  init(_ input: Tensor, _ settings: ResponseNormalizationLayer) throws(EngineError) {
    guard let channels = input.shape.last else {
      throw .shape(
        .rank("the input", axes: ["batch", "height", "width", "channels"], actual: input.shape))
    }
    try EngineError.shapes { () throws(ShapeError) in try settings.validate() }
    (self.channels, rows) = (channels, channels == 0 ? 0 : input.count / channels)
    kernel = settings.kernel(channels: channels)
  }

  func forEachPart(_ workers: Workers, _ body: (Int, Int, UnsafeMutablePointer<Float>) -> Void) {
    guard rows > 0 else { return }
    let cut = ExecutionContext.parts(of: rows, weight: channels)
    workers.withScratch(workers.count * kernel.scratchFloats) { scratch in
      workers.run(cut) { part, worker in
        let first = part * rows / cut
        body(
          (part + 1) * rows / cut - first, first * channels, scratch + worker * kernel.scratchFloats)
      }
    }
  }
}
