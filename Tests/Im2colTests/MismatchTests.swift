import Im2col
import Im2colReference
import Testing

/// All other tests rely on the comparisons, so these are tested with planted faults.
@Suite struct MismatchTests {
  static let right = DoubleTensor(shape: [2, 3], scalars: [1, 2, 3, 4, 5, 6])

  static func planted(_ value: Double, at index: Int) -> DoubleTensor {
    var tensor = right
    tensor.scalars[index] = value
    return tensor
  }

  @Test("Equal tensors and values within their bound pass")
  func passes() {
    #expect(firstMismatch(Self.right, Self.right) == nil)
    #expect(firstMismatch(Self.planted(4.5, at: 3), Self.right, tolerance: .absolute(0.5)) == nil)
    #expect(
      firstMismatch(Self.planted(4.5, at: 3), Self.right, tolerance: .each([0, 0, 0, 0.5, 0, 0])) == nil)
    let empty = DoubleTensor(zeros: [0, 3])
    #expect(firstMismatch(empty, empty) == nil)
  }

  @Test("A wrong value is detected at any index", arguments: 0..<6)
  func wrongValue(index: Int) {
    let wrong = Self.planted(-9, at: index)
    #expect(firstMismatch(wrong, Self.right) != nil)
    #expect(firstMismatch(wrong, Self.right, tolerance: .absolute(0.5)) != nil)
    #expect(firstMismatch(wrong, Self.right, tolerance: .each([Double](repeating: 0.5, count: 6))) != nil)
    #expect(Comparison(actual: wrong, expected: Self.right, tolerance: .exact).mismatches == 1)
  }

  @Test("The description has the index along every axis, both values and the bound")
  func text() {
    let mismatch = firstMismatch(Self.planted(-9, at: 5), Self.right, tolerance: .absolute(0.25))
    for words in ["element 5", "[1, 2]", "[2, 3]", "-9.0", "6.0", "15.0", "0.25"] {
      #expect(mismatch?.description.contains(words) == true, "\(words) in \(mismatch?.description ?? "nil")")
    }
  }

  @Test("A NaN matches only a NaN", arguments: [Tolerance.exact, .absolute(1e300), .absolute(.infinity)])
  func notANumber(tolerance: Tolerance) {
    let one = Self.planted(.nan, at: 2)
    #expect(firstMismatch(one, Self.right, tolerance: tolerance) != nil)
    #expect(firstMismatch(Self.right, one, tolerance: tolerance) != nil)
    #expect(firstMismatch(one, one, tolerance: tolerance) == nil)
  }

  @Test("Infinities match only themselves, and a bound that is not finite allows only equal values")
  func infinities() {
    let one = Self.planted(.infinity, at: 2)
    #expect(firstMismatch(one, one) == nil)
    #expect(firstMismatch(one, Self.planted(-.infinity, at: 2), tolerance: .absolute(.infinity)) != nil)
    #expect(firstMismatch(one, Self.right, tolerance: .absolute(.infinity)) != nil)
    #expect(firstMismatch(Self.planted(0, at: 2), Self.right, tolerance: .absolute(.infinity)) != nil)
    #expect(firstMismatch(Self.planted(0, at: 2), Self.right, tolerance: .absolute(.nan)) != nil)
  }

  @Test("A wrong count, a wrong shape and a wrong number of bounds are detected")
  func countAndShape() {
    let short = DoubleTensor(shape: [2, 3], scalars: [1, 2, 3, 4, 5])
    let transposed = DoubleTensor(shape: [3, 2], scalars: Self.right.scalars)
    let flat = DoubleTensor(shape: [6], scalars: Self.right.scalars)
    for wrong in [short, transposed, flat, DoubleTensor(zeros: [0, 3])] {
      #expect(firstMismatch(wrong, Self.right, tolerance: .absolute(100)) != nil, "\(wrong)")
      #expect(firstMismatch(Self.right, wrong, tolerance: .absolute(100)) != nil, "\(wrong)")
    }
    #expect(firstMismatch(short, short) != nil)
    #expect(firstMismatch(Self.right, Self.right, tolerance: .each([1])) != nil)
    #expect(firstMismatch(short, Self.right)?.description.contains("5 scalars instead of 6") == true)
    #expect(firstMismatch(transposed, Self.right)?.description.contains("[3, 2] instead of [2, 3]") == true)
  }

  @Test("Equal values may have different bits")
  func bits() throws {
    let zero = try Tensor(shape: [2], scalars: [0, 1])
    let negative = try Tensor(shape: [2], scalars: [-0.0, 1])
    let quiet = try Tensor(shape: [2], scalars: [.nan, 1])
    #expect(firstMismatch(negative, zero) == nil)
    #expect(firstDifferentBits(negative, zero) != nil)
    #expect(firstDifferentBits(zero, zero) == nil)
    #expect(firstDifferentBits(quiet, quiet) == nil)
    #expect(firstDifferentBits(zero, try zero.reshaped(to: [1, 2])) != nil)
  }

  @Test("The bound grows with the square root of the length and with the magnitude")
  func bound() {
    #expect(ErrorBound.ofSum(terms: 0, magnitude: 1) == 0x1p-23)
    #expect(ErrorBound.ofSum(terms: 8, magnitude: 4) == 24 * 0x1p-24)
    #expect(ErrorBound.ofStorage(1) == 0x1p-24)
    #expect(ErrorBound.ofStorage(-3) == 0x1p-23)
  }
}
