import Im2col
import Im2colReference
import Testing

@Suite struct AdjointTests {
  @Test("Rows of im2col are windows: [kernel row, kernel column, channel], group by group")
  func layout() throws {
    for test in RandomCases.all.prefix(60) {
      let geometry = test.geometry
      let input = test.integers().input
      var expected = DoubleTensor(
        zeros: [geometry.pixels, geometry.groups * geometry.patchLength])
      // The kernel indices (tap, channel, output) of the first output of each group give the columns of the
      // group.
      let (outputs, length) = (geometry.groupOutputChannels, geometry.patchLength)
      LoopNestConvolution.forEachProduct(of: geometry) { x, w, o in
        let channel = o % geometry.outputChannels
        guard channel % outputs == 0 else { return }
        let row = o / geometry.outputChannels
        let column = channel / outputs * length + w / geometry.outputChannels
        expected.scalars[row * geometry.groups * length + column] = input.scalars[x]
      }
      let actual = try im2col(try input.rounded(), geometry)
      #expect(firstMismatch(actual, expected) == nil, "\(test)")
    }
  }

  @Test("<im2col(x), y> = <x, col2im(y)>, exactly, on integers")
  func adjoint() throws {
    for test in RandomCases.all.prefix(RandomCases.count / 2) {
      let geometry = test.geometry
      var random = SplitMix64(seed: test.seed &+ 9)
      let x = random.integers(geometry.inputShape)
      let y = random.integers(geometry.columnsShape)
      let columns = try im2col(try x.rounded(), geometry)
      let image = try col2im(try y.rounded(), geometry)
      #expect(columns.shape == geometry.columnsShape && image.shape == geometry.inputShape)
      func dot(_ one: Tensor, _ other: DoubleTensor) -> Double {
        zip(one.scalars, other.scalars).map { Double($0) * $1 }.reduce(0, +)
      }
      #expect(dot(columns, y) == dot(image, x), "\(test)")
    }
  }

  @Test("Arguments of the wrong shape are typed errors")
  func shapes() throws {
    let geometry = try ConvolutionGeometry(input: [1, 4, 5, 2], kernel: [3, 3, 2, 1], padding: .valid)
    let wrong = try Tensor(repeating: 0, shape: [1, 5, 4, 2])
    #expect(throws: EngineError.self) { try im2col(wrong, geometry) }
    #expect(throws: EngineError.self) { try col2im(wrong, geometry) }
  }
}
