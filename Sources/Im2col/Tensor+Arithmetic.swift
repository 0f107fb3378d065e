extension Tensor {
  /// The scalar at an index along every axis.
  ///
  ///     let image = try Tensor(shape: [2, 3], scalars: [0, 1, 2, 3, 4, 5])
  ///     image[1, 2]  // 5
  ///
  /// - Precondition: there is one index for every axis, within the axis.
  public subscript(indices: Int...) -> Float {
    get { scalars[offset(of: indices)] }
    set { scalars[offset(of: indices)] = newValue }
  }

  private func offset(of indices: [Int]) -> Int {
    precondition(
      indices.count == shape.count, "\(indices.count) indices for a tensor of shape \(shape)")
    var offset = 0
    for (index, length) in zip(indices, shape) {
      precondition((0..<length).contains(index), "index \(indices) is out of range of shape \(shape)")
      offset = offset * length + index
    }
    return offset
  }

  /// Returns the sums of the scalars of two tensors of the same shape.
  ///
  /// - Throws: ``ShapeError/mismatch(_:expected:actual:)`` when the shapes differ.
  public static func + (left: Tensor, right: Tensor) throws(ShapeError) -> Tensor {
    try left.combined(with: right) { $0 + $1 }
  }

  /// Returns the differences of the scalars of two tensors of the same shape.
  ///
  /// - Throws: ``ShapeError/mismatch(_:expected:actual:)`` when the shapes differ.
  public static func - (left: Tensor, right: Tensor) throws(ShapeError) -> Tensor {
    try left.combined(with: right) { $0 - $1 }
  }

  /// Returns the products of the scalars of two tensors of the same shape.
  ///
  /// - Throws: ``ShapeError/mismatch(_:expected:actual:)`` when the shapes differ.
  public static func * (left: Tensor, right: Tensor) throws(ShapeError) -> Tensor {
    try left.combined(with: right) { $0 * $1 }
  }

  private func combined(
    with other: Tensor, _ operation: (Float, Float) -> Float
  ) throws(ShapeError) -> Tensor {
    try ShapeError.require(other.shape, equals: shape, "the right operand")
    return Tensor(validated: shape, scalars: zip(scalars, other.scalars).map(operation))
  }

  /// Returns whether all scalars of two tensors agree within a fraction of the larger magnitude of each pair, as
  /// `isApproximatelyEqual` of swift-numerics. Tensors of other shapes, and NaN, are not equal.
  ///
  /// - Parameters:
  ///   - other: the tensor to compare with.
  ///   - relativeTolerance: the fraction, in `0..<1`; by default about half of the digits.
  public func isApproximatelyEqual(
    to other: Tensor, relativeTolerance: Float = Float.ulpOfOne.squareRoot()
  ) -> Bool {
    precondition(
      relativeTolerance >= 0 && relativeTolerance < 1,
      "relativeTolerance should be in 0..<1, but is \(relativeTolerance).")
    return shape == other.shape
      && zip(scalars, other.scalars).allSatisfy { one, two in
        one == two || abs(one - two) <= relativeTolerance * max(abs(one), abs(two))
      }
  }
}

extension Tensor: CustomStringConvertible {
  /// The shape and the first scalars.
  public var description: String {
    let shown = scalars.prefix(Tensor.shownScalars).map { "\($0)" }.joined(separator: ", ")
    return "Tensor\(shape) [\(shown)\(count > Tensor.shownScalars ? ", ..." : "")]"
  }

  /// A line of a terminal.
  private static let shownScalars = 8
}
