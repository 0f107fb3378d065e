/// A dense, row-major block of Float32 numbers with a shape.
///
/// Images are `[batch, height, width, channels]`, convolution kernels
/// `[height, width, inputChannels / groups, outputChannels]`, dense kernels
/// `[inputs, outputs]`. The last axis is contiguous. A tensor is a value: copies
/// share storage until one of them is written.
public struct Tensor: Sendable, Equatable {
  /// The length of every axis, outermost first. Empty for a single number.
  public let shape: [Int]

  private var storage: [Float]

  /// The numbers in row-major order; always as many as the shape holds.
  ///
  /// - Precondition: an assigned array has exactly `count` elements.
  public var scalars: [Float] {
    get { storage }
    _modify {
      let expected = storage.count
      yield &storage
      precondition(
        storage.count == expected,
        "a tensor of shape \(shape) holds \(expected) scalars, not \(storage.count)")
    }
    set {
      precondition(
        newValue.count == storage.count,
        "a tensor of shape \(shape) holds \(storage.count) scalars, not \(newValue.count)")
      storage = newValue
    }
  }

  /// How many numbers the tensor holds.
  public var count: Int { storage.count }

  /// Wraps numbers that are already in row-major order.
  ///
  /// - Throws: `ShapeError` when an axis is negative, the shape's product overflows,
  ///   or `scalars` has another count than the shape asks for.
  /// - Complexity: O(rank); the array is not copied.
  public init(shape: [Int], scalars: [Float]) throws(ShapeError) {
    let expected = try ShapeError.elementCount(of: shape, named: "tensor")
    guard scalars.count == expected else {
      throw .scalarCount(shape: shape, expected: expected, actual: scalars.count)
    }
    self.shape = shape
    self.storage = scalars
  }

  /// Makes a tensor that holds one number everywhere.
  ///
  /// - Throws: `ShapeError` when an axis is negative or the shape's product overflows.
  /// - Complexity: O(*n*) where *n* is the number of scalars.
  public init(repeating value: Float, shape: [Int]) throws(ShapeError) {
    let count = try ShapeError.elementCount(of: shape, named: "tensor")
    self.shape = shape
    self.storage = [Float](repeating: value, count: count)
  }

  /// Wraps a shape that one of our own geometries has already validated.
  package init(validated shape: [Int], scalars: [Float]) {
    assert(shape.reduce(1, *) == scalars.count)
    self.shape = shape
    self.storage = scalars
  }

  /// Zeros of a shape that one of our own geometries has already validated.
  package init(zeros shape: [Int]) {
    self.init(validated: shape, scalars: [Float](repeating: 0, count: shape.reduce(1, *)))
  }

  /// The same numbers under another shape of equal size.
  ///
  /// - Throws: `ShapeError.scalarCount` when the sizes differ.
  /// - Complexity: O(rank); storage is shared.
  public func reshaped(to shape: [Int]) throws(ShapeError) -> Tensor {
    try Tensor(shape: shape, scalars: storage)
  }

  /// Calls a closure with the storage, for kernel bodies inside this package.
  package func withUnsafeScalars<R, E: Error>(
    _ body: (UnsafePointer<Float>) throws(E) -> R
  ) throws(E) -> R {
    try storage.withUnsafeBufferPointer { buffer throws(E) -> R in
      guard let start = buffer.baseAddress else {
        preconditionFailure("an array has an address, even an empty one")
      }
      return try body(start)
    }
  }

  /// Calls a closure with the storage, for kernel bodies that write it.
  package mutating func withUnsafeMutableScalars<R, E: Error>(
    _ body: (UnsafeMutablePointer<Float>) throws(E) -> R
  ) throws(E) -> R {
    try storage.withUnsafeMutableBufferPointer { buffer throws(E) -> R in
      guard let start = buffer.baseAddress else {
        preconditionFailure("an array has an address, even an empty one")
      }
      return try body(start)
    }
  }
}
