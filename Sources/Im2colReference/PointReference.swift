import Im2col

/// The reference result at single positions of a large convolution.
///
/// Tests check a few thousand elements of a layer where the loop nest would take minutes. The sums are those
/// of `LoopNestConvolution`, computed per element of the result. The operands are Float32 tensors of the
/// engine.
package struct PointReference: Sendable {
  package let geometry: ConvolutionGeometry
  package let input: Tensor
  package let kernel: Tensor
  package let bias: Tensor
  package let outputGradient: Tensor

  /// - Parameters:
  ///   - input: `[batch, height, width, inputChannels]`.
  ///   - kernel: `[height, width, inputChannels / groups, outputChannels]`.
  ///   - bias: `[outputChannels]`.
  ///   - outputGradient: `[batch, outputHeight, outputWidth, outputChannels]`.
  package init(
    _ geometry: ConvolutionGeometry, input: Tensor, kernel: Tensor, bias: Tensor, outputGradient: Tensor
  ) {
    (self.geometry, self.input, self.kernel) = (geometry, input, kernel)
    (self.bias, self.outputGradient) = (bias, outputGradient)
  }

  /// One element of a result: the sum of its products, the sum of their magnitudes, and the maximum number of
  /// terms.
  package struct Sum: Sendable {
    package var value: Double
    package var magnitude: Double
    package let terms: Int

    package init(value: Double = 0, magnitude: Double = 0, terms: Int) {
      (self.value, self.magnitude, self.terms) = (value, magnitude, terms)
    }

    mutating func add(_ term: Double) {
      value += term
      magnitude += abs(term)
    }
  }

  private var height: AxisGeometry { geometry.window.height }
  private var width: AxisGeometry { geometry.window.width }

  /// Returns output `[b, i, j, o]`, including the bias.
  ///
  /// - Parameter index: the row-major index of the element.
  package func output(at index: Int) -> Sum {
    var place = index
    let o = place.digit(geometry.outputChannels)
    let j = place.digit(width.output)
    let i = place.digit(height.output)
    let channels = geometry.groupInputChannels
    let firstChannel = o / geometry.groupOutputChannels * channels
    var sum = Sum(terms: geometry.patchLength + 1)
    sum.add(Double(bias.scalars[o]))
    for u in height.tapsInsideImage(ofWindow: i) {
      let row = place * height.input + i * height.stride - height.before + u * height.dilation
      for v in width.tapsInsideImage(ofWindow: j) {
        let pixel = row * width.input + j * width.stride - width.before + v * width.dilation
        let (x, w) = (
          pixel * geometry.inputChannels + firstChannel, (u * width.kernel + v) * channels
        )
        for c in 0..<channels {
          sum.add(
            Double(input.scalars[x + c]) * Double(kernel.scalars[(w + c) * geometry.outputChannels + o]))
        }
      }
    }
    return sum
  }

  /// Returns input gradient `[b, y, x, c]`.
  ///
  /// - Parameter index: the row-major index of the element.
  package func inputGradient(at index: Int) -> Sum {
    var place = index
    let c = place.digit(geometry.inputChannels)
    let x = place.digit(width.input)
    let y = place.digit(height.input)
    let channels = geometry.groupInputChannels
    let firstOutput = c / channels * geometry.groupOutputChannels
    var sum = Sum(terms: geometry.window.taps * geometry.groupOutputChannels)
    for u in 0..<height.kernel {
      guard let i = height.window(reading: y, tap: u) else { continue }
      for v in 0..<width.kernel {
        guard let j = width.window(reading: x, tap: v) else { continue }
        let pixel = ((place * height.output + i) * width.output + j) * geometry.outputChannels
        let w = ((u * width.kernel + v) * channels + c % channels) * geometry.outputChannels
        for o in firstOutput..<firstOutput + geometry.groupOutputChannels {
          sum.add(Double(outputGradient.scalars[pixel + o]) * Double(kernel.scalars[w + o]))
        }
      }
    }
    return sum
  }

  /// Returns kernel gradients `[u, v, c, o]` for some neighboring `o`, whose sums use one loop over all
  /// pixels.
  ///
  /// - Parameters:
  ///   - index: the row-major index of the first element.
  ///   - count: the number of elements, all in the row and group of the first one.
  package func kernelGradient(at index: Int, count: Int) -> [Sum] {
    var place = index
    let o = place.digit(geometry.outputChannels)
    let c = place.digit(geometry.groupInputChannels)
    let v = place.digit(width.kernel)
    let u = place
    precondition(o % geometry.groupOutputChannels + count <= geometry.groupOutputChannels)
    let channel = o / geometry.groupOutputChannels * geometry.groupInputChannels + c
    var (values, magnitudes) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    for b in 0..<geometry.batch {
      for i in 0..<height.output where height.tapsInsideImage(ofWindow: i).contains(u) {
        let row = b * height.input + i * height.stride - height.before + u * height.dilation
        for j in 0..<width.output where width.tapsInsideImage(ofWindow: j).contains(v) {
          let pixel = row * width.input + j * width.stride - width.before + v * width.dilation
          let x = Double(input.scalars[pixel * geometry.inputChannels + channel])
          let g = ((b * height.output + i) * width.output + j) * geometry.outputChannels + o
          for n in 0..<count {
            let term = x * Double(outputGradient.scalars[g + n])
            values[n] += term
            magnitudes[n] += abs(term)
          }
        }
      }
    }
    return zip(values, magnitudes).map { Sum(value: $0, magnitude: $1, terms: geometry.pixels) }
  }

  /// Returns bias gradient `[o]`.
  package func biasGradient(at index: Int) -> Sum {
    var sum = Sum(terms: geometry.pixels)
    for pixel in 0..<geometry.pixels {
      sum.add(Double(outputGradient.scalars[pixel * geometry.outputChannels + index]))
    }
    return sum
  }
}

extension AxisGeometry {
  /// Returns the window whose tap `tap` reads input position `position`, or nil.
  fileprivate func window(reading position: Int, tap: Int) -> Int? {
    let (window, rest) = (position + before - tap * dilation).quotientAndRemainder(dividingBy: stride)
    return rest == 0 && (0..<output).contains(window) ? window : nil
  }
}

extension Int {
  /// Removes and returns the last digit of a number in mixed radix.
  fileprivate mutating func digit(_ base: Int) -> Int {
    defer { self /= base }
    return self % base
  }
}
