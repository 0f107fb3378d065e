import ConvNet
import Im2col
import Im2colReference
import Testing

@Suite("Pooling")
struct PoolingTests {
  struct Case: CustomStringConvertible {
    let input: [Int]
    let window, stride: Size2D
    let padding: Padding

    var description: String { "\(input) window \(window) stride \(stride) \(padding)" }

    var geometry: WindowGeometry {
      get throws {
        try WindowGeometry(
          input: Size2D(height: input[1], width: input[2]), kernel: window, stride: stride, padding: padding)
      }
    }
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

  /// Small integers: sums are exact and ties are frequent.
  @Test("agrees with the loop nest", arguments: cases, PoolingMode.allCases)
  func forward(_ test: Case, mode: PoolingMode) throws {
    let input = try RandomImages.integers(test.input, seed: 21)
    let expected = LoopNestPooling.forward(DoubleTensor(input), try test.geometry, LoopNestPooling.Mode(mode))
    let output = try pool(input, mode, window: test.window, stride: test.stride, padding: test.padding)
    #expect(try output == expected.rounded(), "\(test)")
    var owned = try Tensor(repeating: .nan, shape: output.shape)
    try pool(input, mode, window: test.window, stride: test.stride, padding: test.padding, into: &owned)
    #expect(owned == output)
  }

  /// Maxima receive sums of integers, which are exact; means receive quotients.
  @Test("the gradient agrees with the loop nest", arguments: cases, PoolingTies.allCases)
  func gradient(_ test: Case, ties: PoolingTies) throws {
    let input = try RandomImages.integers(test.input, seed: 22, in: -2...2)
    let window = try test.geometry
    let g = try RandomImages.integers(
      [test.input[0], window.output.height, window.output.width, test.input[3]], seed: 23)
    for mode in PoolingMode.allCases {
      let actual = try poolingGradient(
        of: g, input: input, mode, window: test.window, stride: test.stride, padding: test.padding, ties: ties
      )
      let expected = LoopNestPooling.gradient(
        of: DoubleTensor(g), input: DoubleTensor(input), window, LoopNestPooling.Mode(mode),
        ties: ties == .all ? .all : .first)
      #expect(
        firstMismatch(actual, expected, tolerance: mode == .max ? .exact : .absolute(4e-6)) == nil,
        "\(test) \(mode)")
      var owned = try Tensor(repeating: .nan, shape: input.shape)
      try poolingGradient(
        of: g, input: input, mode, window: test.window, stride: test.stride, padding: test.padding,
        ties: ties,
        into: &owned)
      #expect(owned == actual)
    }
  }

  @Test("NaN affects only the windows that contain it", arguments: [0, 1, 2, 3])
  func notANumber(place: Int) throws {
    var input = try RandomImages.integers([1, 4, 4, 1], seed: 24)
    input.scalars[place / 2 * 4 + place % 2] = .nan
    let output = try pool(input, .max, window: 2, stride: 2)
    #expect(output.scalars[0].isNaN)
    #expect(output.scalars[1...].filter(\.isNaN).isEmpty)
  }

  @Test("a window that covers only padding is an error")
  func windowInPadding() throws {
    let input = try RandomImages.integers([1, 4, 4, 1], seed: 25)
    #expect(throws: EngineError.self) {
      try pool(input, .max, window: 2, stride: 2, padding: .explicit(top: 2, bottom: 0, left: 0, right: 0))
    }
  }
}

extension LoopNestPooling.Mode {
  fileprivate init(_ mode: PoolingMode) { self = mode == .max ? .max : .average }
}
