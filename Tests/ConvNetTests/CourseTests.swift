import ConvNet
import Im2col
import Testing

@Suite("Course functions")
struct CourseTests {
  @Test("convForward and convBackward equal the convolution and its gradients")
  func convolution() throws {
    let a = try RandomImages.integers([2, 7, 6, 3], seed: 111)
    let w = try RandomImages.integers([3, 2, 3, 4], seed: 112)
    let b = try RandomImages.integers([1, 1, 1, 4], seed: 113)
    let z = try convolve(
      a, kernel: w, bias: Tensor(shape: [4], scalars: b.scalars), padding: .valid, stride: 2)
    let forward = try convForward(a, w, b, { $0 * 2 + 1 }, padding: .valid, stride: 2)
    #expect(forward.scalars == z.scalars.map { $0 * 2 + 1 })
    let g = try RandomImages.integers(z.shape, seed: 114)
    let (dA, dW, db) = try convBackward(g, a, w, b, padding: .valid, stride: 2)
    let expected = try convolutionGradients(of: g, input: a, kernel: w, padding: .valid, stride: 2)
    #expect(dA == expected.input)
    #expect(dW == expected.kernel)
    #expect(db.shape == [1, 1, 1, 4])
    #expect(db.scalars == expected.bias.scalars)
  }

  @Test("\"same\" preserves the size for any stride", arguments: [1, 2, 3])
  func same(stride: Int) throws {
    let a = try RandomImages.integers([1, 6, 5, 1], seed: 115)
    let w = try RandomImages.integers([3, 3, 1, 2], seed: 116)
    let b = try Tensor(repeating: 0, shape: [1, 1, 1, 2])
    let step = Size2D(height: stride, width: stride)
    #expect(try convForward(a, w, b, { $0 }, stride: step).shape == [1, 6, 5, 2])
  }

  @Test("poolBackward propagates the whole gradient to every tied maximum")
  func ties() throws {
    let a = try Tensor(shape: [1, 2, 2, 1], scalars: [3, 3, 1, 3])
    let g = try Tensor(shape: [1, 1, 1, 1], scalars: [5])
    #expect(try poolForward(a, 2, stride: 2).scalars == [3])
    #expect(try poolBackward(g, a, 2, stride: 2).scalars == [5, 5, 0, 5])
    #expect(try poolBackward(g, a, 2, stride: 2, mode: .average).scalars == [1.25, 1.25, 1.25, 1.25])
  }

  @Test("a bias of the wrong shape is an error")
  func bias() throws {
    let a = try RandomImages.integers([1, 4, 4, 1], seed: 117)
    let w = try RandomImages.integers([3, 3, 1, 2], seed: 118)
    for shape in [[2], [1, 1, 1, 3], [1, 1, 2, 1]] {
      #expect(throws: EngineError.self) {
        try convForward(a, w, Tensor(repeating: 0, shape: shape), { $0 })
      }
    }
  }
}
