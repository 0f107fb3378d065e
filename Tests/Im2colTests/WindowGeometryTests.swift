import Im2col
import Testing

@Suite struct WindowGeometryTests {
  /// The sizes of one axis, and the expected padding and output.
  struct Row: CustomTestStringConvertible, Sendable {
    let input, kernel, stride, dilation: Int
    let padding: Padding
    let before, after, output: Int

    init(
      _ input: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ padding: Padding, _ before: Int,
      _ after: Int, _ output: Int
    ) {
      (self.input, self.kernel, self.stride, self.dilation) = (input, kernel, stride, dilation)
      (self.padding, self.before, self.after, self.output) = (padding, before, after, output)
    }

    var testDescription: String {
      "input \(input), kernel \(kernel), stride \(stride), dilation \(dilation), \(padding)"
    }
  }

  /// Computed by hand from the rules; in the `.same` rows, as in TensorFlow, the odd pixel is after the
  /// image.
  static let rows = [
    // input, kernel, stride, dilation, padding, before, after, output
    Row(28, 5, 1, 1, .valid, 0, 0, 24),
    Row(28, 3, 2, 1, .valid, 0, 0, 13),
    Row(7, 7, 3, 1, .valid, 0, 0, 1),
    Row(9, 3, 1, 4, .valid, 0, 0, 1),
    Row(11, 3, 2, 3, .valid, 0, 0, 3),
    Row(28, 5, 1, 1, .same, 2, 2, 28),
    Row(28, 4, 1, 1, .same, 1, 2, 28),
    Row(28, 5, 2, 1, .same, 1, 2, 14),
    Row(5, 3, 2, 1, .same, 1, 1, 3),
    Row(6, 3, 2, 1, .same, 0, 1, 3),
    Row(7, 1, 3, 1, .same, 0, 0, 3),
    Row(9, 2, 4, 1, .same, 0, 1, 3),
    Row(8, 2, 4, 1, .same, 0, 0, 2),
    Row(10, 3, 1, 3, .same, 3, 3, 10),
    Row(2, 7, 1, 1, .same, 3, 3, 2),
    Row(1, 6, 4, 1, .same, 2, 3, 1),
    Row(28, 5, 1, 1, .sameLower, 2, 2, 28),
    Row(28, 4, 1, 1, .sameLower, 2, 1, 28),
    Row(6, 3, 2, 1, .sameLower, 1, 0, 3),
    Row(1, 6, 4, 1, .sameLower, 3, 2, 1),
    Row(28, 5, 1, 1, .sameExtent, 2, 2, 28),
    Row(28, 4, 1, 1, .sameExtent, 2, 2, 29),
    Row(5, 3, 2, 1, .sameExtent, 3, 3, 5),
    Row(6, 3, 2, 1, .sameExtent, 4, 4, 6),
    Row(6, 2, 3, 1, .sameExtent, 6, 6, 6),
    Row(10, 3, 1, 2, .sameExtent, 2, 2, 10),
    Row(1, 1, 4, 1, .sameExtent, 0, 0, 1),
    Row(10, 3, 2, 1, .explicit(top: 1, bottom: 0, left: 1, right: 0), 1, 0, 5),
    Row(4, 3, 1, 1, .explicit(top: 7, bottom: 5, left: 7, right: 5), 7, 5, 14),
    Row(1, 3, 2, 2, .explicit(top: 0, bottom: 4, left: 0, right: 4), 0, 4, 1),
  ]

  @Test("Padding and output of one axis", arguments: rows)
  func paddingAndOutput(of row: Row) throws {
    // The other axis has different sizes, so that exchanged axes are detected.
    let height = try WindowGeometry(
      input: Size2D(height: row.input, width: 19), kernel: Size2D(height: row.kernel, width: 2),
      stride: Size2D(height: row.stride, width: 5), dilation: Size2D(height: row.dilation, width: 1),
      padding: row.padding
    ).height
    let width = try WindowGeometry(
      input: Size2D(height: 19, width: row.input), kernel: Size2D(height: 2, width: row.kernel),
      stride: Size2D(height: 5, width: row.stride), dilation: Size2D(height: 1, width: row.dilation),
      padding: row.padding
    ).width
    for axis in [height, width] {
      #expect([axis.before, axis.after, axis.output] == [row.before, row.after, row.output])
      #expect(axis.extent == (row.kernel - 1) * row.dilation + 1)
    }
  }

  /// The number of windows rounded up, computed by hand, and by PyTorch for the explicit rows.
  static let roundedUp = [
    Row(5, 2, 2, 1, .valid, 0, 0, 3),
    Row(6, 2, 2, 1, .valid, 0, 0, 3),
    Row(9, 3, 4, 1, .valid, 0, 0, 3),
    Row(3, 4, 2, 1, .valid, 0, 0, 1),
    // A third window would start at 6, after the image.
    Row(5, 1, 3, 1, .valid, 0, 0, 2),
    Row(5, 3, 2, 1, .explicit(top: 1, bottom: 1, left: 1, right: 1), 1, 1, 3),
    Row(7, 3, 2, 1, .explicit(top: 1, bottom: 1, left: 1, right: 1), 1, 1, 4),
    Row(6, 3, 2, 1, .explicit(top: 1, bottom: 1, left: 1, right: 1), 1, 1, 4),
    // A fourth window would start at 5, in the padding after the image of 4.
    Row(4, 2, 2, 1, .explicit(top: 1, bottom: 1, left: 1, right: 1), 1, 1, 3),
    Row(4, 2, 3, 1, .explicit(top: 1, bottom: 1, left: 1, right: 1), 1, 1, 2),
    Row(10, 3, 3, 2, .explicit(top: 0, bottom: 1, left: 0, right: 1), 0, 1, 3),
    Row(7, 3, 2, 1, .same, 1, 1, 4),
    Row(5, 1, 3, 1, .same, 0, 0, 2),
  ]

  @Test("The number of windows rounded up", arguments: roundedUp)
  func rounding(of row: Row) throws {
    let window = try WindowGeometry(
      input: Size2D(height: row.input, width: 19), kernel: Size2D(height: row.kernel, width: 2),
      stride: Size2D(height: row.stride, width: 18), dilation: Size2D(height: row.dilation, width: 1),
      padding: row.padding, roundsUp: true)
    #expect(
      [window.height.before, window.height.after, window.height.output] == [
        row.before, row.after, row.output,
      ])
    // Every window starts in the image or in the padding before it.
    for axis in [window.height, window.width] {
      #expect((axis.output - 1) * axis.stride < axis.before + axis.input)
    }
  }

  @Test("Explicit padding applies to its side of its axis")
  func explicitSides() throws {
    let window = try WindowGeometry(
      input: Size2D(height: 5, width: 6), kernel: Size2D(height: 2, width: 3),
      padding: .explicit(top: 1, bottom: 2, left: 3, right: 4))
    #expect([window.height.before, window.height.after, window.height.output] == [1, 2, 7])
    #expect([window.width.before, window.width.after, window.width.output] == [3, 4, 11])
    #expect(window.output == Size2D(height: 7, width: 11))
    #expect(window.taps == 6)
  }

  @Test("`.sameExtent` keeps the size at any stride, except that an even kernel at stride 1 adds one")
  func sameExtentKeepsTheSize() throws {
    for input in 1...13 {
      for kernel in 1...7 {
        for stride in 1...4 {
          let axis = try WindowGeometry(
            input: Size2D(height: input, width: input), kernel: Size2D(height: kernel, width: kernel),
            stride: Size2D(height: stride, width: stride), padding: .sameExtent
          ).height
          let grows = stride == 1 && kernel % 2 == 0
          #expect(
            axis.output == input + (grows ? 1 : 0), "input \(input), kernel \(kernel), stride \(stride)")
          #expect(axis.before == axis.after)
        }
      }
    }
  }

  @Test("The taps of a window inside the image are those whose position is inside")
  func tapsInside() throws {
    for (input, kernel, stride, dilation, before, after) in [
      (5, 3, 1, 1, 1, 1), (1, 7, 2, 1, 6, 6), (4, 3, 3, 3, 7, 5), (9, 2, 4, 2, 0, 3), (2, 1, 1, 1, 5, 5),
      (6, 4, 2, 3, 9, 0),
    ] {
      let axis = try WindowGeometry(
        input: Size2D(height: input, width: 1), kernel: Size2D(height: kernel, width: 1),
        stride: Size2D(height: stride, width: 1), dilation: Size2D(height: dilation, width: 1),
        padding: .explicit(top: before, bottom: after, left: 0, right: 0)
      ).height
      for window in 0..<axis.output {
        let expected = (0..<kernel).filter { (0..<input).contains(window * stride - before + $0 * dilation) }
        #expect(Array(axis.tapsInsideImage(ofWindow: window)) == expected, "window \(window) of \(axis)")
      }
    }
  }

  @Test("A pooling window entirely in the padding is refused, one that touches the image is not")
  func windowInPadding() throws {
    func window(top: Int, bottom: Int) throws -> WindowGeometry {
      try WindowGeometry(
        input: Size2D(height: 4, width: 4), kernel: 2, stride: 2,
        padding: .explicit(top: top, bottom: bottom, left: 0, right: 0))
    }
    try window(top: 1, bottom: 1).requireImageInEveryWindow()
    #expect(throws: ShapeError.windowInPadding(axis: "height", extent: 2, input: 4, before: 2, after: 0)) {
      try window(top: 2, bottom: 0).requireImageInEveryWindow()
    }
    #expect(throws: ShapeError.windowInPadding(axis: "height", extent: 2, input: 4, before: 0, after: 2)) {
      try window(top: 0, bottom: 2).requireImageInEveryWindow()
    }
    // A dilated window may span the image without a tap inside it.
    let straddling = try WindowGeometry(
      input: Size2D(height: 1, width: 4), kernel: Size2D(height: 2, width: 1),
      dilation: Size2D(height: 2, width: 1), padding: .explicit(top: 1, bottom: 1, left: 0, right: 0))
    #expect(throws: ShapeError.self) { try straddling.requireImageInEveryWindow() }
    // The windows at both ends have a tap inside, and the third one does not.
    let middle = try WindowGeometry(
      input: Size2D(height: 2, width: 4), kernel: Size2D(height: 2, width: 1),
      dilation: Size2D(height: 3, width: 1), padding: .explicit(top: 3, bottom: 3, left: 0, right: 0))
    #expect(throws: ShapeError.self) { try middle.requireImageInEveryWindow() }
  }
}
