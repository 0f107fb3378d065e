import CKernels
import Im2col

/// Computes local response normalization; see `ResponseNormalizationLayer` for the formula.
///
/// - Parameters:
///   - input: `[batch, height, width, channels]`, or any shape whose last axis is the channels.
///   - settings: the window size, `k`, `alpha` and `beta`.
///   - options: the workers; the pixels are divided among them.
/// - Returns: a tensor of the shape of `input`.
/// - Throws: `EngineError.shape` when `input` has no axes, or a setting is out of range.
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

/// Returns the input gradient of local response normalization, given the output gradient.
///
/// - Parameters:
///   - outputGradient: a tensor of the shape of `input`.
///   - input: as in the forward pass.
///   - settings: as in the forward pass.
///   - options: the workers; the pixels are divided among them.
/// - Returns: a tensor of the shape of `input`.
/// - Throws: `EngineError.shape` when shapes do not match, or a setting is out of range.
/// - Complexity: O(`n * size`) where *n* is the number of scalars.
public func responseNormalizationGradient(
  of outputGradient: Tensor, input: Tensor, _ settings: ResponseNormalizationLayer = .init(),
  options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  let pixels = try NormalizedPixels(input, settings)
  try EngineError.require(outputGradient, input.shape, "the output gradient")
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

/// The validated pixels of a tensor.
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
    let parts = ExecutionContext.parts(of: rows, weight: channels)
    workers.withScratch(workers.count * kernel.scratchFloats) { scratch in
      workers.run(parts) { part, worker in
        let first = part * rows / parts
        body(
          (part + 1) * rows / parts - first, first * channels, scratch + worker * kernel.scratchFloats)
      }
    }
  }
}
