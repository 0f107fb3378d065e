import CKernels
import Im2col

extension BackwardRun {
  /// Computes the gradient before the activation, in place, and the bias gradient.
  ///
  ///     g[row][channel] *= f'(output[row][channel])        biasGradient[channel] = sum over rows of g
  ///
  /// Rows are the output pixels of all images. Uses `ExecutionContext.maxParts * channels` scalars of shared
  /// scratch for the partial sums.
  ///
  /// - Parameter biasStart: the offset of the bias; nil for none.
  func applyActivationGradient(_ activation: Activation, channels: Int, pixels: Int = 1, biasStart: Int?) {
    let rows = images * pixels
    let parts = ExecutionContext.parts(of: rows, weight: context.workers == nil ? 0 : channels)
    let bias = biasStart.map { gradients + $0 }
    guard bias != nil || activation != .identity else { return }
    context.forEachPart(of: rows, weight: channels) { part, range in
      let start = range.lowerBound * channels
      if activation != .identity {
        activation.gradient(
          rows: range.count, columns: channels, values: output + start,
          outputGradient: outputGradient + start,
          into: outputGradient + start)
      }
      guard let bias else { return }
      ckernels_sum_rows(
        outputGradient + start, Int64(range.count), Int64(channels), Int64(channels),
        parts == 1 ? bias : context.sharedScratch + part * channels, parts == 1 && accumulates ? 1 : 0)
    }
    guard let bias, parts > 1 else { return }
    ckernels_sum_parts(
      context.sharedScratch, Int64(parts), Int64(channels), Int64(channels), bias, accumulates ? 1 : 0)
  }
}
