import ConvNet
import Im2col
import Im2colReference
import Testing

@Suite("Pooling")
struct PoolingTests {
  struct Case: CustomStringConvertible {
    let input: [Int]
    let window, stride: Size2D
    var dilation: Size2D = 1
    let padding: Padding
    var roundsUp = false
    var countsPadding = false

    var description: String {
      "\(input) window \(window) stride \(stride) dilation \(dilation) \(padding) "
        + "\(roundsUp ? "rounded up " : "")\(countsPadding ? "counting padding" : "")"
    }

    var geometry: WindowGeometry {
      get throws {
        try WindowGeometry(
          input: Size2D(height: input[1], width: input[2]), kernel: window, stride: stride,
          dilation: dilation,
          padding: padding, roundsUp: roundsUp)
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
    Case(input: [2, 7, 9, 3], window: 2, stride: 2, padding: .valid, roundsUp: true),
    Case(input: [1, 6, 8, 3], window: 3, stride: 2, padding: .sameLower, countsPadding: true),
    Case(
      input: [1, 9, 8, 5], window: Size2D(height: 3, width: 2), stride: Size2D(height: 2, width: 1),
      dilation: Size2D(height: 2, width: 3), padding: .explicit(top: 2, bottom: 1, left: 1, right: 3),
      countsPadding: true),
    Case(
      input: [2, 5, 8, 2], window: 3, stride: Size2D(height: 4, width: 3), dilation: 2,
      padding: .explicit(top: 1, bottom: 1, left: 2, right: 0), roundsUp: true, countsPadding: true),
    Case(
      input: [1, 3, 9, 2], window: 4, stride: Size2D(height: 3, width: 5), padding: .valid, roundsUp: true),
  ]

  /// Small integers: sums are exact and ties are frequent.
  @Test("agrees with the loop nest", arguments: cases, PoolingMode.allCases)
  func forward(_ test: Case, mode: PoolingMode) throws {
    let input = try RandomImages.integers(test.input, seed: 21)
    let expected = LoopNestPooling.forward(
      DoubleTensor(input), try test.geometry, LoopNestPooling.Mode(mode), countsPadding: test.countsPadding)
    let output = try pool(
      input, mode, window: test.window, stride: test.stride, dilation: test.dilation, padding: test.padding,
      roundsUp: test.roundsUp, countsPadding: test.countsPadding)
    #expect(try output == expected.rounded(), "\(test)")
    var owned = try Tensor(repeating: .nan, shape: output.shape)
    try pool(
      input, mode, window: test.window, stride: test.stride, dilation: test.dilation, padding: test.padding,
      roundsUp: test.roundsUp, countsPadding: test.countsPadding, into: &owned)
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
        of: g, input: input, mode, window: test.window, stride: test.stride, dilation: test.dilation,
        padding: test.padding, roundsUp: test.roundsUp, countsPadding: test.countsPadding, ties: ties)
      let expected = LoopNestPooling.gradient(
        of: DoubleTensor(g), input: DoubleTensor(input), window, LoopNestPooling.Mode(mode),
        ties: ties == .all ? .all : .first, countsPadding: test.countsPadding)
      #expect(
        firstMismatch(actual, expected, tolerance: mode == .max ? .exact : .absolute(4e-6)) == nil,
        "\(test) \(mode)")
      var owned = try Tensor(repeating: .nan, shape: input.shape)
      try poolingGradient(
        of: g, input: input, mode, window: test.window, stride: test.stride, dilation: test.dilation,
        padding: test.padding, roundsUp: test.roundsUp, countsPadding: test.countsPadding, ties: ties,
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

  /// An image of 5 x 7, and what PyTorch 2 gives for it.
  static let image: [Float] = [
    7, 5, 17, 20, 14, 22, 21, 11, 15, 10, 19, 19, 10, 15, 11, 21, 22, 14, 20, 17, 5, 7, 0, 7, 5, 17, 20, 14,
    22,
    21, 11, 15, 10, 19, 19,
  ]

  @Test("agrees with PyTorch: ceil_mode, dilation, count_include_pad")
  func pytorch() throws {
    let input = try Tensor(shape: [1, 5, 7, 1], scalars: Self.image)
    let around = Padding.explicit(top: 1, bottom: 1, left: 1, right: 1)
    let roundedUp = try pool(input, .max, window: 2, stride: 2, roundsUp: true)
    #expect(roundedUp.scalars == [15, 20, 22, 21, 21, 22, 20, 14, 22, 15, 19, 19])
    let dilated = try pool(input, .max, window: 2, stride: 2, dilation: 2, padding: around)
    #expect(dilated.scalars == [15, 19, 19, 10, 15, 19, 20, 20, 0, 5, 20, 20])
    let both = try pool(
      input, .max, window: Size2D(height: 3, width: 2), stride: Size2D(height: 2, width: 3),
      dilation: Size2D(height: 1, width: 2), padding: around, roundsUp: true)
    #expect(both.scalars == [15, 19, 22, 21, 22, 20, 21, 17, 20])
    let counted = try pool(
      input, .average, window: Size2D(height: 2, width: 4), stride: 3, padding: around, roundsUp: true,
      countsPadding: true)
    // The last column has three of four taps: the fourth lies beyond the padding.
    #expect(counted.scalars == [3.625, 9.125, 43.0 / 6, 8.5, 15.25, 56.0 / 6])
    let uncounted = try pool(
      input, .average, window: Size2D(height: 2, width: 3), stride: Size2D(height: 2, width: 3),
      padding: around,
      roundsUp: true)
    #expect(uncounted.scalars == [6, 17, 21.5, 14.5, 104.0 / 6, 11.75, 12.5, 65.0 / 6, 18])
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
