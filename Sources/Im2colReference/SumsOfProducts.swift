import Im2col

/// What a linear operation gives in Double: sums of products, and how large their terms were.
package struct SumsOfProducts: Sendable {
  /// The results.
  package var sums: DoubleTensor
  /// For every result, the sum of its terms' absolute values: the scale of its rounding error.
  package var magnitudes: DoubleTensor
  /// The most terms that any of the sums has: *K*.
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

  /// How far Float32 may be off, element by element.
  package var bounds: [Double] {
    magnitudes.scalars.map { ErrorBound.ofSum(terms: terms, magnitude: $0) }
  }

  /// Whether every order of summing small integers is exact in Float32: no partial sum can pass 2^24.
  package var areExactInFloat: Bool { magnitudes.scalars.allSatisfy { $0 <= 0x1p24 } }
}

/// The home of the package's error bound.
package enum ErrorBound {
  /// Half the distance from 1 to the next Float32: what one rounding may cost, relatively.
  package static let unit = 0x1p-24

  /// `2 * sqrt(K + 1) * 2^-24 * sum |a||b|`: what a float32 sum of *K* products may be off by.
  ///
  /// Rounding errors of a long sum behave like a random walk, so they grow with the root of its
  /// length; the worst case, which grows with the length itself, does not happen (Higham, *Accuracy
  /// and Stability of Numerical Algorithms*, 2nd ed., 2002, section 4.2 and 2.8).
  package static func ofSum(terms: Int, magnitude: Double) -> Double {
    2 * Double(terms + 1).squareRoot() * unit * magnitude
  }

  /// Half the distance between a Float32 and its neighbor: how far an expected value that was
  /// stored in Float32 may itself be off.
  package static func ofStorage(_ value: Double) -> Double {
    Double(Float(value).ulp) / 2
  }
}
