/// An array of numbers with a shape, such as an image `[height, width, channels]`, in row-major order.
///
///     var image = Numbers(zeros: [28, 28, 1])
///     image[3, 4, 0] = 1
public struct Numbers: Sendable, Equatable {
  /// The length of each axis.
  public let shape: [Int]
  /// The numbers; the last axis is contiguous.
  public var values: [Double]

  /// Creates an array of zeros.
  ///
  /// - Precondition: no length is negative.
  public init(zeros shape: [Int]) {
    (self.shape, values) = (shape, Array(repeating: 0, count: shape.reduce(1, *)))
  }

  /// Creates an array from its numbers.
  ///
  /// - Precondition: there are as many numbers as the shape says.
  public init(shape: [Int], values: [Double]) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) numbers for the shape \(shape)")
    (self.shape, self.values) = (shape, values)
  }

  /// The number at a position, one index for each axis.
  ///
  /// - Precondition: the position is inside the shape.
  public subscript(index: Int...) -> Double {
    get { values[offset(of: index)] }
    set { values[offset(of: index)] = newValue }
  }

  private func offset(of index: [Int]) -> Int {
    precondition(
      index.count == shape.count && zip(index, shape).allSatisfy { (0..<$1).contains($0) },
      "the position \(index) is outside the shape \(shape)")
    return zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// The position of the number at an offset.
  func position(of offset: Int) -> [Int] {
    var (rest, position): (Int, [Int]) = (offset, [])
    for length in shape.reversed() {
      position.append(rest % length)
      rest /= length
    }
    return position.reversed()
  }

  /// The array with each number replaced.
  func map(_ body: (Double) -> Double) -> Numbers { Numbers(shape: shape, values: values.map(body)) }
}
