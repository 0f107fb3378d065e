import ConvNet
import Im2col
import Testing

/// Pooling in four loops, straight from its definition.
private struct ObviousPooling {
  let input: Tensor
  let window, stride: Size2D
  let top, left: Int
  let outputHeight, outputWidth: Int

  init(_ input: Tensor, window: Size2D, stride: Size2D, padding: Padding) throws {
    (self.input, self.window, self.stride) = (input, window, stride)
    let geometry = try PoolingGeometry(input: input.shape, window: window, stride: stride, padding: padding)
    (top, left) = (geometry.window.height.before, geometry.window.width.before)
    (outputHeight, outputWidth) = (geometry.window.output.height, geometry.window.output.width)
  }

  var outputShape: [Int] { [input.shape[0], outputHeight, outputWidth, input.shape[3]] }

  /// Places in `input` that one window covers, in row-major order.
  func places(_ n: Int, _ i: Int, _ j: Int, _ c: Int) -> [Int] {
    var found: [Int] = []
    for u in 0..<window.height {
      for v in 0..<window.width {
        let (y, x) = (i * stride.height - top + u, j * stride.width - left + v)
        guard (0..<input.shape[1]).contains(y), (0..<input.shape[2]).contains(x) else { continue }
        found.append(((n * input.shape[1] + y) * input.shape[2] + x) * input.shape[3] + c)
      }
    }
    return found
  }

  func forEachWindow(_ body: (_ output: Int, _ places: [Int]) -> Void) {
    var output = 0
    for n in 0..<outputShape[0] {
      for i in 0..<outputHeight {
        for j in 0..<outputWidth {
          for c in 0..<outputShape[3] {
            body(output, places(n, i, j, c))
            output += 1
          }
        }
      }
    }
  }

  func forward(_ mode: PoolingMode) -> [Float] {
    var result = [Float](repeating: 0, count: outputShape.reduce(1, *))
    forEachWindow { output, places in
      let values = places.map { input.scalars[$0] }
      switch mode {
      case .max: result[output] = values.contains(where: \.isNaN) ? .nan : values.max() ?? 0
      case .average: result[output] = values.reduce(0, +) / Float(values.count)
      }
    }
    return result
  }

  func gradient(_ g: Tensor, _ mode: PoolingMode, _ ties: PoolingTies) -> [Float] {
    var result = [Float](repeating: 0, count: input.count)
    forEachWindow { output, places in
      let largest = places.map { input.scalars[$0] }.max() ?? 0
      let winners = places.filter { input.scalars[$0] == largest }
      switch mode {
      case .max:
        for place in ties == .all ? winners[...] : winners[..<1] { result[place] += g.scalars[output] }
      case .average: for place in places { result[place] += g.scalars[output] / Float(places.count) }
      }
    }
    return result
  }
}

@Suite("Pooling")
struct PoolingTests {
  struct Case: CustomStringConvertible {
    let input: [Int]
    let window, stride: Size2D
    let padding: Padding

    var description: String { "\(input) window \(window) stride \(stride) \(padding)" }
  }

  static let cases: [Case] = [
    Case(input: [2, 6, 8, 3], window: 2, stride: 2, padding: .valid),
    Case(input: [1, 7, 9, 5], window: 2, stride: 2, padding: .valid),
    Case(input: [2, 7, 5, 2], window: 3, stride: 2, padding: .same),
    Case(input: [1, 9, 6, 4], window: Size2D(height: 3, width: 2), stride: 1, padding: .valid),
    Case(
      input: [1, 5, 4, 17], window: Size2D(height: 2, width: 4), stride: Size2D(height: 3, width: 1),
      padding: .explicit(top: 1, bottom: 0, left: 2, right: 3)),
    Case(input: [1, 8, 7, 1], window: 2, stride: 3, padding: .valid),
    Case(input: [0, 4, 4, 3], window: 2, stride: 2, padding: .valid),
  ]

  /// Small integers: sums are exact and ties are many.
  @Test("agrees with loops", arguments: cases, PoolingMode.allCases)
  func forward(_ test: Case, mode: PoolingMode) throws {
    let input = try RandomImages.integers(test.input, seed: 21)
    let obvious = try ObviousPooling(input, window: test.window, stride: test.stride, padding: test.padding)
    let output = try pool(input, mode, window: test.window, stride: test.stride, padding: test.padding)
    #expect(output.shape == obvious.outputShape)
    #expect(output.scalars == obvious.forward(mode), "\(test)")
    var owned = try Tensor(repeating: .nan, shape: obvious.outputShape)
    try pool(input, mode, window: test.window, stride: test.stride, padding: test.padding, into: &owned)
    #expect(owned == output)
  }

  @Test("agrees with loops on the way back", arguments: cases, PoolingTies.allCases)
  func gradient(_ test: Case, ties: PoolingTies) throws {
    let input = try RandomImages.integers(test.input, seed: 22, in: -2...2)
    let obvious = try ObviousPooling(input, window: test.window, stride: test.stride, padding: test.padding)
    let g = try RandomImages.integers(obvious.outputShape, seed: 23)
    for mode in PoolingMode.allCases {
      let actual = try poolingGradient(
        of: g, input: input, mode, window: test.window, stride: test.stride, padding: test.padding, ties: ties
      )
      #expect(actual.shape == input.shape)
      let expected = obvious.gradient(g, mode, ties)
      #expect(actual.scalars == expected, "\(test) \(mode)")
      var owned = try Tensor(repeating: .nan, shape: input.shape)
      try poolingGradient(
        of: g, input: input, mode, window: test.window, stride: test.stride, padding: test.padding,
        ties: ties,
        into: &owned)
      #expect(owned == actual)
    }
  }

  @Test("NaN reaches just the windows that hold it", arguments: [0, 1, 2, 3])
  func notANumber(place: Int) throws {
    var input = try RandomImages.integers([1, 4, 4, 1], seed: 24)
    input.scalars[place / 2 * 4 + place % 2] = .nan
    let output = try pool(input, .max, window: 2, stride: 2)
    #expect(output.scalars[0].isNaN)
    #expect(output.scalars[1...].filter(\.isNaN).isEmpty)
  }

  @Test("a window in the padding is refused")
  func windowInPadding() throws {
    let input = try RandomImages.integers([1, 4, 4, 1], seed: 25)
    #expect(throws: EngineError.self) {
      try pool(input, .max, window: 2, stride: 2, padding: .explicit(top: 2, bottom: 0, left: 0, right: 0))
    }
  }
}
