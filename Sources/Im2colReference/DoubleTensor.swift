import Im2col

/// What every twin in this module computes on: a shape and its numbers in Double, row-major, as
/// in `Tensor`. Plain arrays and plain loops, so that a reader can check them by eye.
package struct DoubleTensor: Sendable, Equatable {
  /// The length of every axis, outermost first.
  package let shape: [Int]
  /// The numbers in row-major order.
  package var scalars: [Double]

  /// How many numbers the tensor holds.
  package var count: Int { scalars.count }

  /// Wraps numbers; the count is checked where tensors are compared, so that a test can plant a wrong one.
  package init(shape: [Int], scalars: [Double]) {
    (self.shape, self.scalars) = (shape, scalars)
  }

  /// Zeros.
  package init(zeros shape: [Int]) {
    self.init(shape: shape, scalars: [Double](repeating: 0, count: shape.reduce(1, *)))
  }

  /// The same numbers in twice the digits; every Float is a Double.
  package init(_ tensor: Tensor) {
    self.init(shape: tensor.shape, scalars: tensor.scalars.map(Double.init))
  }

  /// The numbers rounded to Float32, for the engine.
  ///
  /// - Throws: `ShapeError.scalarCount` when the count does not fit the shape.
  package func rounded() throws(ShapeError) -> Tensor {
    try Tensor(shape: shape, scalars: scalars.map(Float.init))
  }

  /// The same numbers under another shape.
  package func reshaped(to shape: [Int]) -> DoubleTensor {
    precondition(shape.reduce(1, *) == count, "\(count) scalars do not fill \(shape)")
    return DoubleTensor(shape: shape, scalars: scalars)
  }

  /// Every number through a function.
  package func map(_ transform: (Double) -> Double) -> DoubleTensor {
    DoubleTensor(shape: shape, scalars: scalars.map(transform))
  }
}
