/// An invalid shape, size or setting passed by a caller.
///
/// The description contains the conflicting numbers and, where there is one, the remedy.
public enum ShapeError: Error, Sendable, Equatable {
  /// A size below 1, such as a stride or a number of channels.
  case notPositive(String, value: Int)
  /// A size below 0, such as a padding or a batch.
  case negative(String, value: Int)
  /// A size above 2,147,483,647, the largest that OpenBLAS supports.
  case tooLarge(String, value: Int)
  /// A product of sizes that exceeds the address range.
  case overflow(String, sizes: [Int])
  /// A tensor that is larger than the memory of this machine.
  case memory(String, sizes: [Int], bytes: Int, physical: Int)
  /// A tensor with the wrong number of axes.
  case rank(String, axes: [String], actual: [Int])
  /// A tensor whose shape does not match the other tensors.
  case mismatch(String, expected: [Int], actual: [Int])
  /// An array whose count differs from the product of its shape.
  case scalarCount(shape: [Int], expected: Int, actual: Int)
  /// A window that is larger than the padded image.
  case windowTooLarge(axis: String, extent: Int, paddedInput: Int)
  /// A pooling window that covers only padding.
  case windowInPadding(axis: String, extent: Int, input: Int, before: Int, after: Int)
  /// A number of groups that does not divide the number of channels.
  case groups(String, channels: Int, groups: Int)
  /// A value, label or index outside its range.
  case outOfRange(String, value: Int, range: Range<Int>)
  /// A combination of settings that is not supported, with the reason.
  case unsupported(String)
  /// An error in the layer with the given name.
  indirect case inLayer(String, ShapeError)
}

extension ShapeError: CustomStringConvertible {
  /// The problem, with the numbers and, where there is one, the remedy.
  public var description: String {
    switch self {
    case .notPositive(let what, let value):
      "\(what) is \(value); it must be at least 1"
    case .negative(let what, let value):
      "\(what) is \(value); it must not be negative"
    case .tooLarge(let what, let value):
      "\(what) is \(value); the largest size that OpenBLAS supports is \(Int32.max)"
    case .overflow(let what, let sizes):
      "\(what) of \(sizes.map(String.init).joined(separator: " x ")) is larger than memory can address; use smaller sizes"
    case .memory(let what, let sizes, let bytes, let physical):
      "\(what) of \(sizes.map(String.init).joined(separator: " x ")) needs \(bytes) bytes, and this machine has \(physical); use smaller sizes"
    case .rank(let what, let axes, let actual):
      "\(what) has shape \(actual) with \(actual.count) axes; it needs \(axes.count): [\(axes.joined(separator: ", "))]"
    case .mismatch(let what, let expected, let actual):
      "\(what) has shape \(actual); it must have shape \(expected)"
    case .scalarCount(let shape, let expected, let actual):
      "shape \(shape) holds \(expected) scalars, but \(actual) were given"
    case .windowTooLarge(let axis, let extent, let paddedInput):
      "a window that spans \(extent) \(lines(axis)) exceeds the padded image of \(paddedInput) \(lines(axis)); use more padding, a smaller kernel or a smaller dilation"
    case .windowInPadding(let axis, let extent, let input, let before, let after):
      "a pooling window that spans \(extent) \(lines(axis)) would lie entirely in the padding (input \(input), padding \(before) before and \(after) after); use less padding than the window spans"
    case .groups(let what, let channels, let groups):
      "\(groups) groups do not divide the \(channels) \(what); use a divisor of \(channels)"
    case .outOfRange(let what, let value, let range):
      "\(what) is \(value); it must be from \(range.lowerBound) to \(range.upperBound - 1)"
    case .unsupported(let reason):
      reason
    case .inLayer(let name, let error):
      "layer \"\(name)\": \(error)"
    }
  }

  /// Returns what is counted along an axis.
  private func lines(_ axis: String) -> String { axis == "height" ? "rows" : "columns" }
}

extension ShapeError {
  /// Returns the number of elements of a shape, checked so that their bytes fit into an `Int`.
  ///
  /// - Parameter isStored: whether the tensor will be allocated, and so must fit into memory. An allocation
  ///   that fails would end the process instead of throwing.
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

  /// Throws unless a size is in `1...Int32.max`.
  package static func requirePositive(_ value: Int, _ what: @autoclosure () -> String) throws(ShapeError) {
    guard value >= 1 else { throw .notPositive(what(), value: value) }
    guard value <= Int(Int32.max) else { throw .tooLarge(what(), value: value) }
  }

  /// Throws unless a size is in `0...Int32.max`.
  package static func requireNonNegative(_ value: Int, _ what: @autoclosure () -> String) throws(ShapeError) {
    guard value >= 0 else { throw .negative(what(), value: value) }
    guard value <= Int(Int32.max) else { throw .tooLarge(what(), value: value) }
  }

  /// Throws unless a shape equals the expected one.
  package static func require(_ actual: [Int], equals expected: [Int], _ what: @autoclosure () -> String)
    throws(ShapeError)
  {
    guard actual == expected else { throw .mismatch(what(), expected: expected, actual: actual) }
  }
}
