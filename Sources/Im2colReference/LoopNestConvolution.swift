import Im2col

/// Convolution by its definition: seven nested loops, without matrices or tiles.
///
/// A convolution is a sum of products of an input, a kernel and (for the gradients) an output element.
/// `forEachProduct` enumerates every such triple once. The forward pass and the two gradients differ only in
/// which of the three accumulates the sum:
///
///     forward          output[o] += input[x]  * kernel[w]
///     input gradient   input[x]  += output[o] * kernel[w]
///     kernel gradient  kernel[w] += output[o] * input[x]
package enum LoopNestConvolution {
  /// Calls `body` with the three indices of every product, except for taps outside the image.
  @inline(__always)
  package static func forEachProduct(
    of geometry: ConvolutionGeometry, _ body: (_ input: Int, _ kernel: Int, _ output: Int) -> Void
  ) {
    let (height, width) = (geometry.window.height, geometry.window.width)
    let (inputs, outputs) = (geometry.groupInputChannels, geometry.groupOutputChannels)
    for b in 0..<geometry.batch {
      for i in 0..<height.output {
        for j in 0..<width.output {
          for u in 0..<height.kernel {
            for v in 0..<width.kernel {
              let row = i * height.stride - height.before + u * height.dilation
              let column = j * width.stride - width.before + v * width.dilation
              guard 0..<height.input ~= row, 0..<width.input ~= column else { continue }
              for o in 0..<geometry.outputChannels {
                let group = o / outputs
                for c in 0..<inputs {
                  body(
                    ((b * height.input + row) * width.input + column) * geometry.inputChannels
                      + group * inputs + c,
                    ((u * width.kernel + v) * inputs + c) * geometry.outputChannels + o,
                    ((b * height.output + i) * width.output + j) * geometry.outputChannels + o)
                }
              }
            }
          }
        }
      }
    }
  }

  /// Returns the output.
  ///
  /// - Parameters:
  ///   - input: `[batch, height, width, inputChannels]`.
  ///   - kernel: `[height, width, inputChannels / groups, outputChannels]`.
  ///   - bias: `[outputChannels]`, or nil.
  /// - Returns: `[batch, height, width, outputChannels]`.
  package static func forward(
    input: DoubleTensor, kernel: DoubleTensor, bias: DoubleTensor? = nil, _ geometry: ConvolutionGeometry
  ) -> SumsOfProducts {
    var result = SumsOfProducts(
      zeros: geometry.outputShape, terms: geometry.patchLength + (bias == nil ? 0 : 1))
    forEachProduct(of: geometry) { x, w, o in
      result.add(input.scalars[x] * kernel.scalars[w], at: o)
    }
    if let bias {
      for o in 0..<result.sums.count { result.add(bias.scalars[o % geometry.outputChannels], at: o) }
    }
    return result
  }

  /// Returns the input gradient.
  ///
  /// - Parameter outputGradient: `[batch, height, width, outputChannels]`.
  /// - Returns: `[batch, height, width, inputChannels]`.
  package static func inputGradient(
    of outputGradient: DoubleTensor, kernel: DoubleTensor, _ geometry: ConvolutionGeometry
  ) -> SumsOfProducts {
    var result = SumsOfProducts(
      zeros: geometry.inputShape, terms: geometry.window.taps * geometry.groupOutputChannels)
    forEachProduct(of: geometry) { x, w, o in
      result.add(outputGradient.scalars[o] * kernel.scalars[w], at: x)
    }
    return result
  }

  /// Returns the kernel gradient, summed over the batch.
  ///
  /// - Parameter outputGradient: `[batch, height, width, outputChannels]`.
  /// - Returns: `[height, width, inputChannels / groups, outputChannels]`.
  package static func kernelGradient(
    of outputGradient: DoubleTensor, input: DoubleTensor, _ geometry: ConvolutionGeometry
  ) -> SumsOfProducts {
    var result = SumsOfProducts(zeros: geometry.kernelShape, terms: geometry.pixels)
    forEachProduct(of: geometry) { x, w, o in
      result.add(outputGradient.scalars[o] * input.scalars[x], at: w)
    }
    return result
  }

  /// Returns the bias gradient, summed over the batch.
  ///
  /// - Parameter outputGradient: `[..., outputChannels]`.
  /// - Returns: `[outputChannels]`.
  package static func biasGradient(of outputGradient: DoubleTensor) -> SumsOfProducts {
    let channels = outputGradient.shape[outputGradient.shape.count - 1]
    var result = SumsOfProducts(zeros: [channels], terms: outputGradient.count / channels)
    for (index, value) in outputGradient.scalars.enumerated() { result.add(value, at: index % channels) }
    return result
  }
}
