/// A dense, row-major array of Float32 scalars with a shape.
///
/// Images are `[batch, height, width, channels]`, convolution kernels
/// `[height, width, inputChannels / groups, outputChannels]`, and dense kernels `[inputs, outputs]`. The last
/// axis is contiguous. A tensor is a value: copies share storage until one of them is modified.
public struct Tensor: Sendable, Equatable {
  /// The length of every axis, outermost first; empty for a single scalar.
  public let shape: [Int]

  private var storage: [Float]

  /// The scalars in row-major order.
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

  /// The number of scalars.
  public var count: Int { storage.count }

  /// Creates a tensor from scalars in row-major order.
  ///
  /// - Throws: ``ShapeError`` if a length is negative, the product of the lengths overflows or exceeds the
  ///   physical memory, or the number of scalars differs from the product.
  /// - Complexity: O(rank); the array is not copied.
  public init(shape: [Int], scalars: [Float]) throws(ShapeError) {
    let expected = try ShapeError.elementCount(of: shape, named: "tensor")
    guard scalars.count == expected else {
      throw .scalarCount(shape: shape, expected: expected, actual: scalars.count)
    }
    self.shape = shape
    self.storage = scalars
  }

  /// Creates a tensor whose scalars are all equal.
  ///
  /// - Throws: ``ShapeError`` if a length is negative, or the product of the lengths overflows or exceeds the
  ///   physical memory.
  /// - Complexity: O(*n*) where *n* is the number of scalars.
  public init(repeating value: Float, shape: [Int]) throws(ShapeError) {
    let count = try ShapeError.elementCount(of: shape, named: "tensor")
    self.shape = shape
    self.storage = [Float](repeating: value, count: count)
  }

  /// Creates a tensor whose shape comes from a validated geometry.
  package init(validated shape: [Int], scalars: [Float]) {
    assert(shape.reduce(1, *) == scalars.count)
    self.shape = shape
    self.storage = scalars
  }

  /// Creates a tensor of zeros whose shape comes from a validated geometry.
  package init(zeros shape: [Int]) {
    self.init(validated: shape, scalars: [Float](repeating: 0, count: shape.reduce(1, *)))
  }

  /// Returns the same scalars under another shape.
  ///
  /// - Throws: ``ShapeError/scalarCount(shape:expected:actual:)`` if the sizes differ.
  /// - Complexity: O(rank); storage is shared.
  public func reshaped(to shape: [Int]) throws(ShapeError) -> Tensor {
    try Tensor(shape: shape, scalars: storage)
  }

  /// Calls a closure with the storage.
  package func withUnsafeScalars<R, E: Error>(
    _ body: (UnsafePointer<Float>) throws(E) -> R
  ) throws(E) -> R {
    try storage.withUnsafeBufferPointer { buffer throws(E) -> R in
      guard let start = buffer.baseAddress else {
        preconditionFailure("an empty array without a base address")
      }
      return try body(start)
    }
  }

  /// Calls a closure with the storage, which the closure may modify.
  package mutating func withUnsafeMutableScalars<R, E: Error>(
    _ body: (UnsafeMutablePointer<Float>) throws(E) -> R
  ) throws(E) -> R {
    try storage.withUnsafeMutableBufferPointer { buffer throws(E) -> R in
      guard let start = buffer.baseAddress else {
        preconditionFailure("an empty array without a base address")
      }
      return try body(start)
    }
  }
}
