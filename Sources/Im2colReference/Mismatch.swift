import Im2col

/// The first difference of two tensors that exceeds its bound.
package struct Mismatch: Sendable, Equatable, CustomStringConvertible {
  /// The position, both values and the bound, in one line.
  package let description: String
}

/// The allowed difference between an actual and an expected value.
package enum Tolerance: Sendable {
  /// Equal values (negative zero equals positive zero), and NaN where NaN is expected.
  case exact
  /// One bound for all elements.
  case absolute(Double)
  /// A bound for every element.
  case each([Double])

  /// Returns the bound at an index.
  func bound(at index: Int) -> Double {
    switch self {
    case .exact: 0
    case .absolute(let bound): bound
    case .each(let bounds): bounds[index]
    }
  }
}

/// A comparison of two tensors.
package struct Comparison: Sendable {
  /// The first element outside its bound, or the wrong shape or count.
  package private(set) var first: Mismatch?
  /// The number of elements outside their bounds.
  package private(set) var mismatches = 0
  /// The number of compared elements.
  package let count: Int

  /// Compares shape, count and every element.
  ///
  /// A NaN matches only a NaN, and an infinity only itself. A bound that is not finite allows only equal
  /// values.
  package init(actual: DoubleTensor, expected: DoubleTensor, tolerance: Tolerance) {
    count = expected.count
    let problem: String? =
      if actual.shape != expected.shape {
        "shape \(actual.shape) instead of \(expected.shape)"
      } else if actual.count != expected.count {
        "\(actual.count) scalars instead of \(expected.count)"
      } else if expected.shape.reduce(1, *) != expected.count {
        "\(expected.count) scalars do not fill the shape \(expected.shape)"
      } else if case .each(let bounds) = tolerance, bounds.count != expected.count {
        "\(bounds.count) bounds for \(expected.count) scalars"
      } else {
        nil
      }
    if let problem {
      (first, mismatches) = (Mismatch(description: problem), max(expected.count, 1))
      return
    }
    for index in 0..<count {
      let (value, wanted) = (actual.scalars[index], expected.scalars[index])
      if value == wanted || (value.isNaN && wanted.isNaN) { continue }
      let bound = tolerance.bound(at: index)
      if bound.isFinite, abs(value - wanted) <= bound { continue }
      mismatches += 1
      if first == nil {
        let place = Comparison.position(of: index, in: expected.shape)
        first = Mismatch(
          description: """
            element \(index) at \(place) of \(expected.shape) is \(value) instead of \(wanted), off by \
            \(abs(value - wanted)) where \(bound) is allowed
            """)
      }
    }
  }

  /// Returns the index along every axis.
  private static func position(of index: Int, in shape: [Int]) -> [Int] {
    var rest = index
    var position: [Int] = []
    for length in shape.reversed() {
      position.insert(rest % length, at: 0)
      rest /= length
    }
    return position
  }
}

/// Returns the first mismatch of `actual` and `expected`, or nil; compares shape, count and NaN too.
package func firstMismatch(
  _ actual: DoubleTensor, _ expected: DoubleTensor, tolerance: Tolerance = .exact
) -> Mismatch? {
  Comparison(actual: actual, expected: expected, tolerance: tolerance).first
}

/// Returns the first mismatch of the engine's result and the reference, or nil.
package func firstMismatch(
  _ actual: Tensor, _ expected: DoubleTensor, tolerance: Tolerance = .exact
) -> Mismatch? {
  firstMismatch(DoubleTensor(actual), expected, tolerance: tolerance)
}

/// Returns the first element of the engine's result whose error exceeds the error bound, or nil.
package func firstMismatch(_ actual: Tensor, _ expected: SumsOfProducts) -> Mismatch? {
  firstMismatch(actual, expected.sums, tolerance: .each(expected.bounds))
}

/// Returns the first mismatch of two results of the engine, or nil.
package func firstMismatch(
  _ actual: Tensor, _ expected: Tensor, tolerance: Tolerance = .exact
) -> Mismatch? {
  firstMismatch(DoubleTensor(actual), DoubleTensor(expected), tolerance: tolerance)
}

/// Returns the first element whose bits differ, including NaN payloads and signs of zero, or nil.
package func firstDifferentBits(_ actual: Tensor, _ expected: Tensor) -> Mismatch? {
  guard actual.shape == expected.shape, actual.count == expected.count else {
    return firstMismatch(actual, expected)
  }
  for (index, (one, other)) in zip(actual.scalars, expected.scalars).enumerated()
  where one.bitPattern != other.bitPattern {
    return Mismatch(description: "element \(index) of \(expected.shape) is \(one), not bit for bit \(other)")
  }
  return nil
}
