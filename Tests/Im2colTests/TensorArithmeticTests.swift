import Im2col
import Testing

@Suite("Tensor arithmetic")
struct TensorArithmeticTests {
  private func tensor(_ shape: [Int], _ scalars: [Float]) throws -> Tensor {
    try Tensor(shape: shape, scalars: scalars)
  }

  @Test("indices count rows first")
  func subscripts() throws {
    var image = try tensor([2, 3, 2], (0..<12).map(Float.init))
    #expect(image[0, 0, 0] == 0 && image[1, 2, 1] == 11 && image[1, 0, 1] == 7)
    image[0, 2, 1] = -4
    #expect(image.scalars[5] == -4)
    #expect(try tensor([], [3])[] == 3)
  }

  @Test("sums, differences and products, and an error for other shapes")
  func operations() throws {
    let (a, b) = (try tensor([2, 2], [1, 2, 3, 4]), try tensor([2, 2], [10, -2, 0.5, 0]))
    #expect(try (a + b).scalars == [11, 0, 3.5, 4])
    #expect(try (a - b).scalars == [-9, 4, 2.5, 4])
    #expect(try (a * b).scalars == [10, -4, 1.5, 0])
    let other = try tensor([4], [1, 2, 3, 4])
    #expect(throws: ShapeError.mismatch("the right operand", expected: [2, 2], actual: [4])) { try a + other }
    #expect(throws: ShapeError.self) { try a - other }
    #expect(throws: ShapeError.self) { try a * other }
  }

  @Test("approximate equality is relative, and NaN is not equal")
  func approximate() throws {
    let a = try tensor([3], [1, -1000, 0])
    #expect(a.isApproximatelyEqual(to: try tensor([3], [1.0001, -1000.1, 0])))
    #expect(!a.isApproximatelyEqual(to: try tensor([3], [1.001, -1000, 0])))
    #expect(a.isApproximatelyEqual(to: try tensor([3], [1.001, -1000, 0]), relativeTolerance: 0.01))
    #expect(!a.isApproximatelyEqual(to: try tensor([3], [1, -1000, 1e-30])))
    #expect(!a.isApproximatelyEqual(to: try tensor([1, 3], [1, -1000, 0])))
    let odd = try tensor([2], [.nan, .infinity])
    #expect(!odd.isApproximatelyEqual(to: odd))
    #expect(try tensor([1], [.infinity]).isApproximatelyEqual(to: tensor([1], [.infinity])))
  }

  @Test("a description has the shape and the first scalars")
  func descriptions() throws {
    #expect(try "\(tensor([1, 2], [1, 0.5]))" == "Tensor[1, 2] [1.0, 0.5]")
    #expect(try "\(tensor([9], (0..<9).map(Float.init)))".hasSuffix("6.0, 7.0, ...]"))
  }

  @Test("options for one call share the default workers")
  func sharedWorkers() {
    #expect(ComputeOptions(lowering: .im2col).workers === ComputeOptions.default.workers)
  }
}
