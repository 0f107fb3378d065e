import Im2col

/// Where two tensors first differ by more than they may, with both values and the bound.
package struct Mismatch: Sendable, Equatable, CustomStringConvertible {
  /// What is wrong and where, in one line.
  package let description: String
}

/// How far an actual value may be from the expected one.
package enum Tolerance: Sendable {
  /// Equal numbers (a negative zero equals a positive one), NaN where NaN is expected.
  case exact
  /// At most this far, everywhere.
  case absolute(Double)
  /// A bound for every element.
  case each([Double])

  /// The bound at an index.
  func bound(at index: Int) -> Double {
    switch self {
    case .exact: 0
    case .absolute(let bound): bound
    case .each(let bounds): bounds[index]
    }
  }
}

/// The referee of every comparison: what differs, and how often.
package struct Comparison: Sendable {
  /// The first element that is off, or the shape or count that is.
  package private(set) var first: Mismatch?
  /// How many elements are off.
  package private(set) var mismatches = 0
  /// How many were compared.
  package let count: Int

  /// Compares shape, count and every element.
  ///
  /// A NaN matches a NaN and nothing else. Infinities match themselves alone, and a bound that is not
  /// finite allows nothing but equality.
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

  /// The index along every axis.
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

/// The first element of `actual` that is not what is expected, or nil; fails on shape, count and NaN too.
package func firstMismatch(
  _ actual: DoubleTensor, _ expected: DoubleTensor, tolerance: Tolerance = .exact
) -> Mismatch? {
  Comparison(actual: actual, expected: expected, tolerance: tolerance).first
}

/// The first element of the engine's result that is not what the reference computed, or nil.
package func firstMismatch(
  _ actual: Tensor, _ expected: DoubleTensor, tolerance: Tolerance = .exact
) -> Mismatch? {
  firstMismatch(DoubleTensor(actual), expected, tolerance: tolerance)
}

/// The first element of the engine's result that is farther from the reference's than the error bound.
package func firstMismatch(_ actual: Tensor, _ expected: SumsOfProducts) -> Mismatch? {
  firstMismatch(actual, expected.sums, tolerance: .each(expected.bounds))
}

/// The first element in which two results of the engine differ, or nil.
package func firstMismatch(
  _ actual: Tensor, _ expected: Tensor, tolerance: Tolerance = .exact
) -> Mismatch? {
  firstMismatch(DoubleTensor(actual), DoubleTensor(expected), tolerance: tolerance)
}

/// The first element whose bits differ, NaN payloads and signs of zero included, or nil.
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
