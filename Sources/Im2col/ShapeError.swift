/// A shape, size or count from outside that cannot be worked with.
///
/// The text of every case holds the numbers that clash and what would be accepted.
public enum ShapeError: Error, Sendable, Equatable {
  /// A size that has to be at least one, such as a stride or a number of channels.
  case notPositive(String, value: Int)
  /// A size that may be zero but not negative, such as a padding or a batch.
  case negative(String, value: Int)
  /// A size above the 2,147,483,647 that the BLAS can count.
  case tooLarge(String, value: Int)
  /// A product of sizes that does not fit into memory's address range.
  case overflow(String, sizes: [Int])
  /// A tensor that is larger than this machine's memory.
  case memory(String, sizes: [Int], bytes: Int, physical: Int)
  /// A tensor with another number of axes than its role asks for.
  case rank(String, axes: [String], actual: [Int])
  /// A tensor with another shape than its companions ask for.
  case mismatch(String, expected: [Int], actual: [Int])
  /// An array whose count differs from its shape's product.
  case scalarCount(shape: [Int], expected: Int, actual: Int)
  /// A window that reaches over the padded image.
  case windowTooLarge(axis: String, extent: Int, paddedInput: Int)
  /// A pooling window that covers nothing but padding.
  case windowInPadding(axis: String, extent: Int, input: Int, before: Int, after: Int)
  /// Groups that do not divide a number of channels.
  case groups(String, channels: Int, groups: Int)
  /// A class, label or index outside its range.
  case outOfRange(String, value: Int, range: Range<Int>)
  /// A setting that cannot be combined with the rest, in words.
  case unsupported(String)
}

extension ShapeError: CustomStringConvertible {
  /// What is wrong, with the numbers, and what would be right.
  public var description: String {
    switch self {
    case .notPositive(let what, let value):
      "\(what) is \(value); it must be at least 1"
    case .negative(let what, let value):
      "\(what) is \(value); it must not be negative"
    case .tooLarge(let what, let value):
      "\(what) is \(value); the largest size that the BLAS can count is \(Int32.max)"
    case .overflow(let what, let sizes):
      "\(what) of \(sizes.map(String.init).joined(separator: " x ")) is larger than memory can be; use smaller sizes"
    case .memory(let what, let sizes, let bytes, let physical):
      "\(what) of \(sizes.map(String.init).joined(separator: " x ")) takes \(bytes) bytes, and this machine has \(physical); use smaller sizes"
    case .rank(let what, let axes, let actual):
      "\(what) has shape \(actual) with \(actual.count) axes; it needs \(axes.count): [\(axes.joined(separator: ", "))]"
    case .mismatch(let what, let expected, let actual):
      "\(what) has shape \(actual); \(expected) is needed here"
    case .scalarCount(let shape, let expected, let actual):
      "shape \(shape) holds \(expected) scalars, but \(actual) were given"
    case .windowTooLarge(let axis, let extent, let paddedInput):
      "a window that spans \(extent) along the \(axis) does not fit into \(paddedInput) (image and padding); pad more, or use a smaller kernel or dilation"
    case .windowInPadding(let axis, let extent, let input, let before, let after):
      "a pooling window that spans \(extent) along the \(axis) would lie wholly in padding (\(before) before and \(after) after \(input)); pad less than the window spans"
    case .groups(let what, let channels, let groups):
      "\(groups) groups do not divide the \(channels) \(what); use a divisor of \(channels)"
    case .outOfRange(let what, let value, let range):
      "\(what) is \(value); it must lie in \(range.lowerBound)..<\(range.upperBound)"
    case .unsupported(let reason):
      reason
    }
  }
}

extension ShapeError {
  /// The product of a shape's axes, checked so that its bytes fit into an `Int`.
  ///
  /// - Parameter isStored: whether the tensor will lie in memory, and so has to fit there. PredictionSession the
  ///   system for more than there is would end the process instead of throwing.
  package static func elementCount(
    of shape: [Int], named what: String, isStored: Bool = true
  ) throws(ShapeError) -> Int {
    for (axis, length) in shape.enumerated() where length < 0 {
      throw .negative("axis \(axis) of the \(what)", value: length)
    }
    if shape.contains(0) { return 0 }
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow, product <= Int.max / MemoryLayout<Float>.stride else {
        throw .overflow("the \(what)", sizes: shape)
      }
      count = product
    }
    let bytes = count * MemoryLayout<Float>.stride
    guard !isStored || bytes <= PhysicalMemory.bytes else {
      throw .memory("the \(what)", sizes: shape, bytes: bytes, physical: PhysicalMemory.bytes)
    }
    return count
  }

  /// Checks that a size is in `1...Int32.max`.
  package static func requirePositive(_ value: Int, _ what: @autoclosure () -> String) throws(ShapeError) {
    guard value >= 1 else { throw .notPositive(what(), value: value) }
    guard value <= Int(Int32.max) else { throw .tooLarge(what(), value: value) }
  }

  /// Checks that a size is in `0...Int32.max`.
  package static func requireNonNegative(_ value: Int, _ what: @autoclosure () -> String) throws(ShapeError) {
    guard value >= 0 else { throw .negative(what(), value: value) }
    guard value <= Int(Int32.max) else { throw .tooLarge(what(), value: value) }
  }

  /// Checks a tensor's shape against the one that is needed.
  package static func require(_ actual: [Int], equals expected: [Int], _ what: @autoclosure () -> String)
    throws(ShapeError)
  {
    guard actual == expected else { throw .mismatch(what(), expected: expected, actual: actual) }
  }
}
