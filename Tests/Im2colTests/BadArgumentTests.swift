import Im2col
import Testing

/// Every kind of invalid argument is a typed error, never a trap, whose description has the conflicting
/// numbers.
@Suite struct BadArgumentTests {
  struct BadCall: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// The words that the description must contain.
    let words: [String]
    let call: @Sendable () throws -> Void

    init(_ what: String, _ words: String..., call: @escaping @Sendable () throws -> Void) {
      (testDescription, self.words, self.call) = (what, words, call)
    }
  }

  @Test("A typed error with the numbers", arguments: tensors + windows + geometries + operations)
  func typedError(_ bad: BadCall) {
    #expect {
      try bad.call()
    } throws: { error in
      let text = "\(error)"
      let missing = bad.words.filter { !text.contains($0) }
      #expect(missing.isEmpty, "no \(missing) in: \(text)")
      return error is ShapeError || error is EngineError
    }
  }

  @Test("There are at least 60 different kinds")
  func enough() {
    let all = Self.tensors + Self.windows + Self.geometries + Self.operations
    #expect(all.count >= 60)
    #expect(Set(all.map(\.testDescription)).count == all.count)
  }

  // MARK: - Tensors

  static let tensors: [BadCall] = [
    BadCall("too few scalars", "[2, 3]", "6", "5") {
      _ = try Tensor(shape: [2, 3], scalars: [1, 2, 3, 4, 5])
    },
    BadCall("too many scalars", "[2, 3]", "6", "7") {
      _ = try Tensor(shape: [2, 3], scalars: [1, 2, 3, 4, 5, 6, 7])
    },
    BadCall("scalars for an empty shape", "[0, 3]", "0 scalars", "1 were given") {
      _ = try Tensor(shape: [0, 3], scalars: [1])
    },
    BadCall("a negative axis", "axis 1", "-3") { _ = try Tensor(repeating: 0, shape: [2, -3]) },
    BadCall("a negative axis beside a zero", "axis 1", "-5") { _ = try Tensor(shape: [0, -5], scalars: []) },
    BadCall("the smallest Int as an axis", "\(Int.min)") { _ = try Tensor(repeating: 0, shape: [.min]) },
    BadCall("the largest Int as an axis", "\(Int.max)", "smaller sizes") {
      _ = try Tensor(repeating: 0, shape: [.max])
    },
    BadCall("an axis of 2^62", "4611686018427387904 x 4") {
      _ = try Tensor(repeating: 0, shape: [1 << 62, 4])
    },
    BadCall("a product beyond 2^64", "2147483648 x 2147483648 x 2147483648") {
      _ = try Tensor(shape: [1 << 31, 1 << 31, 1 << 31], scalars: [])
    },
    BadCall("a product that wraps to zero", "\(1 << 32) x \(1 << 32)") {
      _ = try Tensor(shape: [1 << 32, 1 << 32], scalars: [])
    },
    BadCall("a reshape to another size", "[4]", "4 scalars", "6 were given") {
      _ = try zeros(2, 3).reshaped(to: [4])
    },
    BadCall("a reshape to two negative axes", "axis 0", "-2") { _ = try zeros(2, 3).reshaped(to: [-2, -3]) },
  ]

  // MARK: - Windows

  static let windows: [BadCall] = [
    BadCall("no rows", "image's height is 0", "at least 1") { try window(input: (0, 5)) },
    BadCall("no columns", "image's width is 0") { try window(input: (5, 0)) },
    BadCall("a negative number of rows", "image's height is -4") { try window(input: (-4, 5)) },
    BadCall("2^31 columns", "image's width is 2147483648", "2147483647") { try window(input: (5, 1 << 31)) },
    BadCall("2^62 rows", "image's height is 4611686018427387904") { try window(input: (1 << 62, 5)) },
    BadCall("a kernel of no rows", "kernel's height is 0") { try window(kernel: (0, 3)) },
    BadCall("a kernel of negative width", "kernel's width is -1") { try window(kernel: (3, -1)) },
    BadCall("a kernel of 2^31 rows", "kernel's height is 2147483648") { try window(kernel: (1 << 31, 3)) },
    BadCall("a stride of 0 rows", "stride's height is 0") { try window(stride: (0, 1)) },
    BadCall("a stride of -1 columns", "stride's width is -1") { try window(stride: (1, -1)) },
    BadCall("a stride of 2^31", "stride's height is 2147483648") { try window(stride: (1 << 31, 1)) },
    BadCall("a dilation of 0", "dilation's height is 0") { try window(dilation: (0, 1)) },
    BadCall("a dilation of -3", "dilation's width is -3") { try window(dilation: (1, -3)) },
    BadCall("a dilation of 2^62", "dilation's width is 4611686018427387904") {
      try window(dilation: (1, 1 << 62))
    },
    BadCall("a dilated kernel beyond 2^31", "height that the dilated kernel spans is") {
      try window(kernel: (Int(Int32.max), 3), dilation: (Int(Int32.max), 1))
    },
    BadCall("padding of -1 at the top", "padding at the top is -1", "must not be negative") {
      try window(padding: (-1, 0, 0, 0))
    },
    BadCall("padding of -2 at the bottom", "padding at the bottom is -2") {
      try window(padding: (0, -2, 0, 0))
    },
    BadCall("padding of -3 on the left", "padding on the left is -3") { try window(padding: (0, 0, -3, 0)) },
    BadCall("padding of -4 on the right", "padding on the right is -4") {
      try window(padding: (0, 0, 0, -4))
    },
    BadCall("padding of 2^31", "padding at the bottom is 2147483648") {
      try window(padding: (0, 1 << 31, 0, 0))
    },
    BadCall("padding of 2^62 on both sides", "padding on the left is 4611686018427387904") {
      try window(padding: (0, 0, 1 << 62, 1 << 62))
    },
    BadCall("padding that makes too many windows", "output's height is") {
      try window(kernel: (1, 1), padding: (Int(Int32.max), Int(Int32.max), 0, 0))
    },
    BadCall("padding of the symmetric rule beyond 2^31", "padding at the top is") {
      _ = try WindowGeometry(
        input: Size2D(height: Int(Int32.max), width: 3), kernel: 3, stride: 1000, padding: .sameExtent)
    },
    BadCall("a kernel higher than the image", "spans 7 rows", "image of 5 rows", "more padding") {
      try window(kernel: (7, 3))
    },
    BadCall("a kernel wider than the padded image", "spans 9 columns", "image of 8 columns") {
      try window(kernel: (3, 9), padding: (0, 0, 1, 2))
    },
    BadCall("a dilated kernel larger than the image", "spans 7 columns", "image of 5 columns") {
      try window(dilation: (1, 3))
    },
    BadCall("a pooling window in padding", "spans 3 columns", "input 5, padding 4 before and 0 after") {
      try WindowGeometry(
        input: 5, kernel: 3, padding: .explicit(top: 0, bottom: 0, left: 4, right: 0)
      ).requireImageInEveryWindow()
    },
  ]

  // MARK: - Geometries

  static let geometries: [BadCall] = [
    BadCall("an input of three axes", "[5, 5, 2]", "3 axes", "needs 4", "batch") {
      try geometry([5, 5, 2], [3, 3, 2, 4])
    },
    BadCall("an input of five axes", "5 axes", "needs 4") { try geometry([1, 1, 5, 5, 2], [3, 3, 2, 4]) },
    BadCall("a kernel of two axes", "[3, 3]", "2 axes", "output channels") {
      try geometry([1, 5, 5, 2], [3, 3])
    },
    BadCall("no axes at all", "0 axes") { try geometry([], [3, 3, 2, 4]) },
    BadCall("a batch of -1", "batch is -1") { try geometry([-1, 5, 5, 2], [3, 3, 2, 4]) },
    BadCall("a batch of 2^62", "batch is 4611686018427387904") {
      try geometry([1 << 62, 5, 5, 2], [3, 3, 2, 4])
    },
    BadCall("no input channels", "input channels is 0") { try geometry([1, 5, 5, 0], [3, 3, 0, 4]) },
    BadCall("2^31 input channels", "input channels is 2147483648") {
      try geometry([1, 5, 5, 1 << 31], [3, 3, 1 << 31, 4])
    },
    BadCall("no output channels", "output channels is 0") { try geometry([1, 5, 5, 2], [3, 3, 2, 0]) },
    BadCall("no groups", "groups is 0") { try geometry([1, 5, 5, 2], [3, 3, 2, 4], groups: 0) },
    BadCall("-2 groups", "groups is -2") { try geometry([1, 5, 5, 2], [3, 3, 2, 4], groups: -2) },
    BadCall("groups that do not divide the input", "3 groups", "4 input channels", "divisor of 4") {
      try geometry([1, 5, 5, 4], [3, 3, 1, 6], groups: 3)
    },
    BadCall("groups that do not divide the output", "2 groups", "5 output channels") {
      try geometry([1, 5, 5, 4], [3, 3, 2, 5], groups: 2)
    },
    BadCall("a kernel for a different number of channels", "[3, 3, 3, 4]", "[3, 3, 2, 4]") {
      try geometry([1, 5, 5, 2], [3, 3, 3, 4])
    },
    BadCall("a dense kernel for two groups", "[3, 3, 4, 4]", "[3, 3, 2, 4]", "2 groups") {
      try geometry([1, 5, 5, 4], [3, 3, 4, 4], groups: 2)
    },
    BadCall("an input beyond memory", "input of 2147483647 x 2147483647 x 2147483647 x 1") {
      try geometry([largest, largest, largest, 1], [1, 1, 1, 1])
    },
    BadCall("a kernel beyond memory", "2147483647") {
      try geometry([1, largest, largest, 2], [largest, largest, 2, 1])
    },
    BadCall("an output beyond memory", "output of") {
      try geometry([1, 1 << 10, 1 << 10, 1], [1, 1, 1, largest])
    },
    BadCall("columns that the BLAS cannot count", "patch length is") {
      try geometry([1, 1 << 16, 1 << 16, 1], [1 << 16, 1 << 16, 1, 1])
    },
    BadCall("images beyond memory in an empty batch", "2147483647 x 2147483647 x 2147483647") {
      try geometry([0, largest, largest, largest], [1, 1, 1, largest], groups: largest)
    },
    BadCall("an empty batch and padding of 2^62", "padding at the top is 4611686018427387904") {
      try geometry(
        [0, 5, 5, 2], [3, 3, 2, 4], padding: .explicit(top: 1 << 62, bottom: 0, left: 0, right: 0))
    },
    BadCall("an empty batch and a kernel of 2^32", "kernel's height is 4294967296") {
      try geometry([0, 5, 5, 2], [1 << 32, 3, 2, 4])
    },
    BadCall("an empty batch and a stride of 0", "stride's height is 0") {
      try geometry([0, 5, 5, 2], [3, 3, 2, 4], stride: 0)
    },
  ]

  // MARK: - Operations

  static let operations: [BadCall] = [
    BadCall("convolve: a bias too long", "bias", "[5]", "[4]") {
      _ = try convolve(zeros(1, 5, 5, 2), kernel: zeros(3, 3, 2, 4), bias: zeros(5))
    },
    BadCall("convolve: a bias of two axes", "bias", "[1, 4]", "[4]") {
      _ = try convolve(zeros(1, 5, 5, 2), kernel: zeros(3, 3, 2, 4), bias: zeros(1, 4))
    },
    BadCall("convolve: a stride of 0", "stride's height is 0") {
      _ = try convolve(zeros(1, 5, 5, 2), kernel: zeros(3, 3, 2, 4), stride: 0)
    },
    BadCall("convolve: a kernel larger than the image", "spans 6", "image of 5") {
      _ = try convolve(zeros(1, 5, 5, 2), kernel: zeros(6, 3, 2, 4), padding: .valid)
    },
    BadCall("convolve: axes in another order", "[3, 3, 2, 4]", "[3, 3, 5, 4]") {
      _ = try convolve(zeros(1, 2, 5, 5), kernel: zeros(3, 3, 2, 4))
    },
    BadCall("convolve: a wrong bias for an empty batch", "bias", "[3]", "[4]") {
      _ = try convolve(zeros(0, 5, 5, 2), kernel: zeros(3, 3, 2, 4), bias: zeros(3))
    },
    BadCall(
      "gradients: an output gradient of another size", "output gradient", "[1, 5, 5, 4]", "[1, 3, 3, 4]"
    ) {
      _ = try convolutionGradients(
        of: zeros(1, 3, 3, 4), input: zeros(1, 5, 5, 2), kernel: zeros(3, 3, 2, 4))
    },
    BadCall("gradients: an output gradient of another batch", "[2, 5, 5, 4]", "[1, 5, 5, 4]") {
      _ = try convolutionGradients(
        of: zeros(2, 5, 5, 4), input: zeros(1, 5, 5, 2), kernel: zeros(3, 3, 2, 4))
    },
    BadCall("gradients: height and width exchanged", "[1, 6, 5, 4]", "[1, 5, 6, 4]") {
      _ = try convolutionGradients(
        of: zeros(1, 6, 5, 4), input: zeros(1, 5, 6, 2), kernel: zeros(3, 3, 2, 4))
    },
    BadCall("gradients: groups that do not divide", "3 groups", "2 input channels") {
      _ = try convolutionGradients(
        of: zeros(1, 5, 5, 4), input: zeros(1, 5, 5, 2), kernel: zeros(3, 3, 2, 4), groups: 3)
    },
    BadCall("into storage: an output too small", "the output", "[1, 5, 4, 4]", "[1, 5, 5, 4]") {
      var output = try zeros(1, 5, 4, 4)
      try layer().forward(zeros(1, 5, 5, 2), kernel: zeros(3, 3, 2, 4), into: &output)
    },
    BadCall("into storage: another input", "the input", "[1, 4, 5, 2]", "[1, 5, 5, 2]") {
      var output = try zeros(1, 5, 5, 4)
      try layer().forward(zeros(1, 4, 5, 2), kernel: zeros(3, 3, 2, 4), into: &output)
    },
    BadCall("into storage: another kernel", "the kernel", "[3, 2, 2, 4]") {
      var output = try zeros(1, 5, 5, 4)
      try layer().forward(zeros(1, 5, 5, 2), kernel: zeros(3, 2, 2, 4), into: &output)
    },
    BadCall("into storage: an input gradient too small", "input gradient", "[1, 5, 5, 1]") {
      var gradient = try zeros(1, 5, 5, 1)
      try layer().inputGradient(of: zeros(1, 5, 5, 4), kernel: zeros(3, 3, 2, 4), into: &gradient)
    },
    BadCall("into storage: a kernel gradient too small", "kernel gradient", "[3, 3, 2, 3]") {
      var gradient = try zeros(3, 3, 2, 3)
      try layer().kernelGradient(of: zeros(1, 5, 5, 4), input: zeros(1, 5, 5, 2), into: &gradient)
    },
    BadCall("into storage: a bias gradient too long", "bias gradient", "[5]", "[4]") {
      var gradient = try zeros(5)
      try layer().biasGradient(of: zeros(1, 5, 5, 4), into: &gradient)
    },
    BadCall("im2col: another input", "[1, 5, 5, 3]", "[1, 5, 5, 2]") {
      _ = try im2col(zeros(1, 5, 5, 3), geometry([1, 5, 5, 2], [3, 3, 2, 4]))
    },
    BadCall("col2im: columns too short", "[25, 17]", "[25, 18]") {
      _ = try col2im(zeros(25, 17), geometry([1, 5, 5, 2], [3, 3, 2, 4]))
    },
    BadCall("multiply: a factor of three axes", "left factor", "3 axes", "needs 2") {
      _ = try multiply(zeros(2, 3, 1), zeros(3, 4))
    },
    BadCall("multiply: inner sizes that differ", "right factor", "[4, 5]", "[3, 5]") {
      _ = try multiply(zeros(2, 3), zeros(4, 5))
    },
    BadCall("multiply: inner sizes that differ when transposed", "right factor", "[3, 4]", "[3, 2]") {
      _ = try multiply(zeros(2, 3), zeros(3, 4), transposeLeft: true, transposeRight: true)
    },
    BadCall("multiply: a result beyond memory", "2147483647 x 2147483647") {
      _ = try multiply(zeros(largest, 0), zeros(0, largest))
    },
    BadCall("multiply: more rows than the BLAS counts", "rows is 2147483648") {
      _ = try multiply(zeros(1 << 31, 0), zeros(0, 1))
    },
    BadCall("no workers", "number of workers is 0", "from 1 to 64") { _ = try Workers(0) },
    BadCall("too many workers", "number of workers is 65") { _ = try Workers(65) },
  ]

  // MARK: - Helpers

  static let largest = Int(Int32.max)

  static func zeros(_ shape: Int...) throws -> Tensor { try Tensor(repeating: 0, shape: shape) }

  static func layer() throws -> Convolution { Convolution(try geometry([1, 5, 5, 2], [3, 3, 2, 4])) }

  @discardableResult
  static func geometry(
    _ input: [Int], _ kernel: [Int], stride: Size2D = 1, groups: Int = 1, padding: Padding = .same
  ) throws -> ConvolutionGeometry {
    try ConvolutionGeometry(input: input, kernel: kernel, stride: stride, groups: groups, padding: padding)
  }

  static func window(
    input: (Int, Int) = (5, 5), kernel: (Int, Int) = (3, 3), stride: (Int, Int) = (1, 1),
    dilation: (Int, Int) = (1, 1), padding: (Int, Int, Int, Int) = (0, 0, 0, 0)
  ) throws {
    func size(_ pair: (Int, Int)) -> Size2D { Size2D(height: pair.0, width: pair.1) }
    _ = try WindowGeometry(
      input: size(input), kernel: size(kernel), stride: size(stride), dilation: size(dilation),
      padding: .explicit(top: padding.0, bottom: padding.1, left: padding.2, right: padding.3))
  }
}
