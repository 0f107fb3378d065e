import Im2col

/// A product of two matrices, which gives the dense layer and its gradients.
package enum LoopNestDense {
  /// Returns `op(left) * op(right)`, where `op` transposes if requested.
  package static func multiply(
    _ left: DoubleTensor, _ right: DoubleTensor, transposeLeft: Bool = false, transposeRight: Bool = false
  ) -> SumsOfProducts {
    let (rows, terms) = transposeLeft ? (left.shape[1], left.shape[0]) : (left.shape[0], left.shape[1])
    let columns = transposeRight ? right.shape[0] : right.shape[1]
    var result = SumsOfProducts(zeros: [rows, columns], terms: terms)
    for row in 0..<rows {
      for column in 0..<columns {
        for term in 0..<terms {
          let a = left.scalars[transposeLeft ? term * rows + row : row * terms + term]
          let b = right.scalars[transposeRight ? column * terms + term : term * columns + column]
          result.add(a * b, at: row * columns + column)
        }
      }
    }
    return result
  }

  /// Returns the output `[batch, outputs]` of a dense layer.
  ///
  /// - Parameters:
  ///   - input: `[batch, inputs]`.
  ///   - kernel: `[inputs, outputs]`.
  ///   - bias: `[outputs]`, or nil.
  package static func forward(
    input: DoubleTensor, kernel: DoubleTensor, bias: DoubleTensor? = nil
  ) -> SumsOfProducts {
    let products = multiply(input, kernel)
    guard let bias else { return products }
    var result = SumsOfProducts(zeros: products.sums.shape, terms: products.terms + 1)
    result.sums = products.sums
    result.magnitudes = products.magnitudes
    for o in 0..<result.sums.count { result.add(bias.scalars[o % bias.count], at: o) }
    return result
  }
}
