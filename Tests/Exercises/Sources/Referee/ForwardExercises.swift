import Im2col

extension Exercise {
  /// 1: the number of windows along an axis.
  static let outputSize = Exercise(name: "output size") {
    try [(28, 5, 1, 0), (28, 5, 1, 2), (27, 3, 2, 1), (14, 4, 3, 0), (11, 3, 4, 2)].map {
      input, kernel, stride, padding in
      let window = try WindowGeometry(
        input: Size2D(height: input, width: input), kernel: Size2D(height: kernel, width: kernel),
        stride: Size2D(height: stride, width: stride),
        padding: .explicit(top: padding, bottom: padding, left: padding, right: padding))
      func size(_ value: Int) -> Numbers { Numbers(shape: [], values: [Double(value)]) }
      let span = input + 2 * padding - kernel
      return Check(
        quantity: "output size for \(input) pixels, kernel \(kernel), stride \(stride), padding \(padding)",
        expected: size(window.output.height),
        answer: { size(try $0.outputSize(input, kernel, stride, padding)) },
        mistakes: [
          .init("the first window is missing: add 1", size(span / stride)),
          .init(
            "the padding lies on both sides: count it twice", size((input + padding - kernel) / stride + 1)),
          .init("the padding is missing", size((input - kernel) / stride + 1)),
          .init(
            "a window that does not fit does not count: round down", size((span + stride - 1) / stride + 1)),
          .init("the stride is missing", size(span + 1)),
        ])
    }
  }

  /// 2: a convolution with stride, padding and several channels.
  static let convolution = Exercise(name: "convolution") {
    try [([5, 7, 2], 3, 1, 0, 3), ([6, 5, 2], 3, 2, 1, 2)].map { image, kernel, stride, padding, filters in
      let (x, w) = (
        Sample.numbers(image, seed: 1), Sample.numbers([kernel, kernel, image[2], filters], seed: 2)
      )
      let b = Sample.numbers([filters], seed: 3)
      let windows = Windows(image, kernel: kernel, stride: stride, padding: padding)
      let expected = try convolve(
        x.tensor(batched: true), kernel: w.tensor(), bias: b.tensor(), padding: windows.paddingRule,
        stride: Size2D(height: stride, width: stride))
      /// The sums with one thing changed.
      func sums(
        _ taps: [Windows.Tap]? = nil, channels: Range<Int>? = nil, bias: Double = 1,
        biasPerProduct: Bool = false,
        weight: (Windows.Tap, Int, Int) -> Double = { tap, c, o in .nan }
      ) -> Numbers {
        var z = Numbers(zeros: [windows.rows, windows.columns, filters])
        for i in 0..<windows.rows {
          for j in 0..<windows.columns { for o in 0..<filters { z[i, j, o] = bias * b[o] } }
        }
        for tap in taps ?? windows.taps() {
          for c in channels ?? 0..<image[2] {
            for o in 0..<filters {
              let changed = weight(tap, c, o)
              z[tap.i, tap.j, o] += x[tap.y, tap.x, c] * (changed.isNaN ? w[tap.u, tap.v, c, o] : changed)
              if biasPerProduct { z[tap.i, tap.j, o] += b[o] }
            }
          }
        }
        return z
      }
      let last = kernel - 1
      return Check(
        quantity: "convolution", expected: Numbers(expected, dropsBatch: true),
        answer: { try $0.convolution(x, w, b, stride, padding) },
        mistakes: [
          .init(
            "the kernel was rotated; a convolutional layer does not rotate it",
            sums { w[last - $0.u, last - $0.v, $1, $2] }),
          .init("rows and columns of the kernel were exchanged", sums { w[$0.v, $0.u, $1, $2] }),
          .init("the bias is missing", sums(bias: 0)),
          .init("the bias was added for every product instead of once", sums(bias: 0, biasPerProduct: true)),
          .init("only the first channel was summed; all channels go into one sum", sums(channels: 0..<1)),
          .init("the windows begin in the image instead of in the padding", sums(windows.taps(offset: 0))),
          .init("the stride is missing: window i begins at i * stride", sums(windows.taps(step: 1))),
        ])
    }
  }

  /// 3: the column matrix.
  static let im2col = Exercise(name: "im2col") {
    try [([4, 5, 2], 3, 1, 0), ([5, 4, 2], 3, 2, 1)].map { image, kernel, stride, padding in
      let x = Sample.numbers(image, seed: 4),
        windows = Windows(image, kernel: kernel, stride: stride, padding: padding)
      let geometry = try ConvolutionGeometry(
        input: [1] + image, kernel: [kernel, kernel, image[2], 1],
        stride: Size2D(height: stride, width: stride),
        padding: windows.paddingRule)
      let (count, length) = (windows.rows * windows.columns, kernel * kernel * image[2])
      /// The matrix with other places for its numbers.
      func matrix(
        _ taps: [Windows.Tap]? = nil, shape: [Int]? = nil, _ place: (Windows.Tap, Int) -> (Int, Int)
      ) -> Numbers {
        var columns = Numbers(zeros: shape ?? [count, length])
        for tap in taps ?? windows.taps() {
          for c in 0..<image[2] {
            let (row, column) = place(tap, c)
            columns[row, column] = x[tap.y, tap.x, c]
          }
        }
        return columns
      }
      let channels = image[2]
      func row(_ tap: Windows.Tap) -> Int { tap.i * windows.columns + tap.j }
      func column(_ tap: Windows.Tap, _ c: Int) -> Int { (tap.u * kernel + tap.v) * channels + c }
      return Check(
        quantity: "im2col", expected: Numbers(try Im2col.im2col(x.tensor(batched: true), geometry)),
        answer: { try $0.im2col(x, kernel, stride, padding) },
        mistakes: [
          .init(
            "the order in a row is kernel row, kernel column, channel; yours has the channel first",
            matrix { (row($0), ($1 * kernel + $0.u) * kernel + $0.v) }),
          .init(
            "the matrix has a row for each window; yours is transposed",
            matrix(shape: [length, count]) { (column($0, $1), row($0)) }),
          .init(
            "the windows come row by row; yours come column by column",
            matrix { ($0.j * windows.rows + $0.i, column($0, $1)) }),
          .init(
            "rows and columns of the kernel were exchanged",
            matrix { (row($0), ($0.v * kernel + $0.u) * channels + $1) }),
          .init(
            "the windows begin in the image instead of in the padding",
            matrix(windows.taps(offset: 0)) { (row($0), column($0, $1)) }),
          .init(
            "the stride is missing: window i begins at i * stride",
            matrix(windows.taps(step: 1)) { (row($0), column($0, $1)) }),
        ])
    }
  }
}
