import Im2col

/// Max and average pooling by their definitions.
package enum LoopNestPooling {
  /// The function that reduces a window.
  package enum Mode: Sendable, Hashable, CaseIterable { case max, average }

  /// The elements that receive the gradient if several elements of a window are its maximum.
  package enum Ties: Sendable, Hashable, CaseIterable { case first, all }

  /// Pools `[batch, height, width, channels]` to `[batch, outputHeight, outputWidth, channels]`.
  ///
  /// Padding is ignored: it is negative infinity for a maximum and not counted in an average, unless
  /// `countsPadding`. A window with a NaN gives NaN.
  package static func forward(
    _ input: DoubleTensor, _ window: WindowGeometry, _ mode: Mode, countsPadding: Bool = false
  ) -> DoubleTensor {
    var output = DoubleTensor(zeros: outputShape(input, window))
    forEachWindow(of: input, window) { o, covered, padded in
      let values = covered.map { input.scalars[$0] }
      switch mode {
      case .max: output.scalars[o] = maximum(values)
      case .average: output.scalars[o] = values.reduce(0, +) / Double(countsPadding ? padded : values.count)
      }
    }
    return output
  }

  /// Returns the input gradient, `[batch, height, width, channels]`.
  package static func gradient(
    of outputGradient: DoubleTensor, input: DoubleTensor, _ window: WindowGeometry, _ mode: Mode,
    ties: Ties = .first, countsPadding: Bool = false
  ) -> DoubleTensor {
    var result = DoubleTensor(zeros: input.shape)
    forEachWindow(of: input, window) { o, covered, padded in
      let gradient = outputGradient.scalars[o]
      switch mode {
      case .average:
        for x in covered { result.scalars[x] += gradient / Double(countsPadding ? padded : covered.count) }
      case .max:
        let top = maximum(covered.map { input.scalars[$0] })
        let winners = covered.filter { input.scalars[$0] == top || (top.isNaN && input.scalars[$0].isNaN) }
        for x in ties == .all ? winners[...] : winners.prefix(1) { result.scalars[x] += gradient }
      }
    }
    return result
  }

  /// Returns the smallest distance between the maximum of a window and the largest value below it.
  ///
  /// Equal maxima do not count: their gradient goes to the first one in the engine too.
  package static func smallestLead(_ input: DoubleTensor, _ window: WindowGeometry) -> Double {
    var lead = Double.infinity
    forEachWindow(of: input, window) { _, covered, _ in
      let values = covered.map { input.scalars[$0] }
      let top = maximum(values)
      lead = min(lead, top - maximum(values.filter { $0 < top }))
    }
    return lead
  }

  /// Calls `body` with every output element, the input elements of its window, in row-major order, and the
  /// number of its taps in the padded image.
  private static func forEachWindow(
    of input: DoubleTensor, _ window: WindowGeometry,
    _ body: (_ output: Int, _ covered: [Int], _ padded: Int) -> Void
  ) {
    let (height, width) = (window.height, window.width)
    let (batch, channels) = (input.shape[0], input.shape[3])
    for b in 0..<batch {
      for i in 0..<height.output {
        for j in 0..<width.output {
          for c in 0..<channels {
            var (covered, padded): ([Int], Int) = ([], 0)
            for u in 0..<height.kernel {
              for v in 0..<width.kernel {
                let row = i * height.stride - height.before + u * height.dilation
                let column = j * width.stride - width.before + v * width.dilation
                if row < height.input + height.after, column < width.input + width.after { padded += 1 }
                guard 0..<height.input ~= row, 0..<width.input ~= column else { continue }
                covered.append(((b * height.input + row) * width.input + column) * channels + c)
              }
            }
            body(((b * height.output + i) * width.output + j) * channels + c, covered, padded)
          }
        }
      }
    }
  }

  private static func outputShape(_ input: DoubleTensor, _ window: WindowGeometry) -> [Int] {
    [input.shape[0], window.output.height, window.output.width, input.shape[3]]
  }

  /// Returns the largest value, or NaN if there is one.
  private static func maximum(_ values: [Double]) -> Double {
    values.reduce(-.infinity) { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) }
  }
}
