import Im2col

/// A row-major array of Double scalars with a shape, like `Tensor`.
///
/// The reference implementations of this module are plain loops over plain arrays, so that they can be
/// checked by eye.
package struct DoubleTensor: Sendable, Equatable {
  /// The length of every axis, outermost first.
  package let shape: [Int]
  /// The scalars in row-major order.
  package var scalars: [Double]

  /// The number of scalars.
  package var count: Int { scalars.count }

  /// Creates a tensor without checking the count, which comparisons check, so that tests can inject a wrong
  /// one.
  package init(shape: [Int], scalars: [Double]) {
    (self.shape, self.scalars) = (shape, scalars)
  }

  /// Creates a tensor of zeros.
  package init(zeros shape: [Int]) {
    self.init(shape: shape, scalars: [Double](repeating: 0, count: shape.reduce(1, *)))
  }

  /// Converts a tensor to Double exactly.
  package init(_ tensor: Tensor) {
    self.init(shape: tensor.shape, scalars: tensor.scalars.map(Double.init))
  }

  /// Returns the scalars rounded to Float32.
  ///
  /// - Throws: `ShapeError.scalarCount` if the count does not match the shape.
  package func rounded() throws(ShapeError) -> Tensor {
    try Tensor(shape: shape, scalars: scalars.map(Float.init))
  }

  /// Returns the same scalars under another shape.
  package func reshaped(to shape: [Int]) -> DoubleTensor {
    precondition(shape.reduce(1, *) == count, "\(count) scalars do not fill \(shape)")
    return DoubleTensor(shape: shape, scalars: scalars)
  }

  /// Returns the results of a function for every scalar.
  package func map(_ transform: (Double) -> Double) -> DoubleTensor {
    DoubleTensor(shape: shape, scalars: scalars.map(transform))
  }

  /// Adds the scalars of a tensor of the same shape.
  package mutating func add(_ other: DoubleTensor) {
    precondition(shape == other.shape, "\(other.shape) cannot be added to \(shape)")
    for index in scalars.indices { scalars[index] += other.scalars[index] }
  }
}
