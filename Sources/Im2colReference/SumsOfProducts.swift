import Im2col

/// The result of a linear operation in Double: sums of products and the magnitudes of their terms.
package struct SumsOfProducts: Sendable {
  /// The results.
  package var sums: DoubleTensor
  /// For every result, the sum of the absolute values of its terms, which scales the rounding error.
  package var magnitudes: DoubleTensor
  /// The maximum number of terms of a sum: *K*.
  package let terms: Int

  package init(zeros shape: [Int], terms: Int) {
    sums = DoubleTensor(zeros: shape)
    magnitudes = DoubleTensor(zeros: shape)
    self.terms = terms
  }

  /// Adds one term to the sum at an index.
  package mutating func add(_ term: Double, at index: Int) {
    sums.scalars[index] += term
    magnitudes.scalars[index] += abs(term)
  }

  /// The error bound of Float32 for every element.
  package var bounds: [Double] {
    magnitudes.scalars.map { ErrorBound.ofSum(terms: terms, magnitude: $0) }
  }

  /// Whether sums of small integers are exact in Float32 in any order, because no partial sum can exceed
  /// 2^24.
  package var areExactInFloat: Bool { magnitudes.scalars.allSatisfy { $0 <= 0x1p24 } }
}

/// The error bound of the package.
package enum ErrorBound {
  /// Half the distance from 1 to the next Float32: the maximum relative error of one rounding.
  package static let unit = 0x1p-24

  /// Returns `2 * sqrt(K + 1) * 2^-24 * sum |a||b|`, the error bound of a Float32 sum of *K* products.
  ///
  /// The rounding errors of a long sum behave like a random walk and grow with the square root of its length.
  /// The worst case, which grows with the length, does not occur in practice (Higham, *Accuracy and Stability
  /// of Numerical Algorithms*, 2nd ed., 2002, sections 2.8 and 4.2).
  package static func ofSum(terms: Int, magnitude: Double) -> Double {
    2 * Double(terms + 1).squareRoot() * unit * magnitude
  }

  /// Returns half the distance between a Float32 and its neighbor, the error of an expected value that was
  /// stored in Float32.
  package static func ofStorage(_ value: Double) -> Double {
    Double(Float(value).ulp) / 2
  }
}
