import ConvNet
import Im2col

/// The network that "One gradient through a whole network" works through: every value and every gradient.
///
///     image 6x6 -kernel 3x3-> map 4x4 -ReLU-> active 4x4 -max-> maxima 2x2 -two kernels 2x2-> 2 logits
struct WholeNetworkExample {
  let image, kernel, map, active, maxima, logits, probabilities: Tensor
  let kernelGradient, mapGradient, activeGradient, poolGradient, logitGradient: Tensor
  /// One `[2, 2]` matrix for each class.
  let secondKernels, secondKernelGradients: [Tensor]
  /// The position in `active` of the first maximum of each window.
  let winners: [(row: Int, column: Int)]

  init() throws {
    let shape = [1, 6, 6, 1]
    image = try Tensor(
      shape: shape,
      scalars: [
        2, 0, 0, 0, 0, 0,
        0, 0, 1, 0, 0, 0,
        1, 0, 0, 0, 0, 0,
        0, 0, 2, 1, 0, 1,
        0, 0, 1, 2, 0, 0,
        0, 0, 1, 2, 1, 0,
      ])
    let w = try Tensor(shape: [3, 3, 1, 1], scalars: [1, 0, -1, 1, 0, -1, 1, 0, -1])
    let v = try Tensor(shape: [2, 2, 1, 2], scalars: [0, 2, 1, -3, -2, 4, 0, 2])
    let label = try Tensor(shape: [1, 2], scalars: [1, 0])

    map = try convolve(image, kernel: w, padding: .valid)
    active = try activate(map, .relu)
    maxima = try pool(active, .max, window: 2, stride: 2)
    logits = try convolve(maxima, kernel: v, padding: .valid).reshaped(to: [1, 2])
    let loss = try softmaxCrossEntropy(logits: logits, labels: label)
    (probabilities, logitGradient) = (loss.probabilities, loss.gradient)

    let second = try convolutionGradients(
      of: loss.gradient.reshaped(to: [1, 1, 1, 2]), input: maxima, kernel: v, padding: .valid)
    poolGradient = second.input
    activeGradient = try poolingGradient(of: poolGradient, input: active, .max, window: 2, stride: 2)
    mapGradient = try activationGradient(of: activeGradient, output: active, .relu)
    let first = try convolutionGradients(of: mapGradient, input: image, kernel: w, padding: .valid)
    (kernel, kernelGradient) = (try w.reshaped(to: [3, 3]), try first.kernel.reshaped(to: [3, 3]))

    func matrices(_ kernels: Tensor) throws -> [Tensor] {
      try (0..<2).map { output in
        try Tensor(shape: [2, 2], scalars: (0..<4).map { kernels.scalars[2 * $0 + output] })
      }
    }
    (secondKernels, secondKernelGradients) = (try matrices(v), try matrices(second.kernel))
    let active = active
    winners = (0..<4).map { window in
      let positions = (0..<4).map { (row: window / 2 * 2 + $0 / 2, column: window % 2 * 2 + $0 % 2) }
      return positions.dropFirst().reduce(positions[0]) { best, position in
        active.scalars[position.row * 4 + position.column] > active.scalars[best.row * 4 + best.column]
          ? position : best
      }
    }
  }
}
