import ConvNet
import Im2col

extension Exercise {
  /// 4: the adjoint of im2col.
  static let col2im = Exercise(name: "col2im") {
    try [([4, 5, 2], 3, 1, 0), ([5, 4, 2], 3, 2, 1)].map { image, kernel, stride, padding in
      let windows = Windows(image, kernel: kernel, stride: stride, padding: padding), channels = image[2]
      let columns = Sample.numbers([windows.rows * windows.columns, kernel * kernel * channels], seed: 5)
      let geometry = try ConvolutionGeometry(
        input: [1] + image, kernel: [kernel, kernel, channels, 1],
        stride: Size2D(height: stride, width: stride),
        padding: windows.paddingRule)
      /// The image that collects the matrix in some way.
      func collected(_ taps: [Windows.Tap]? = nil, _ add: (inout Double, Double) -> Void = { $0 += $1 })
        -> Numbers
      {
        var result = Numbers(zeros: image)
        for tap in taps ?? windows.taps() {
          for c in 0..<channels {
            add(
              &result[tap.y, tap.x, c],
              columns[tap.i * windows.columns + tap.j, (tap.u * kernel + tap.v) * channels + c])
          }
        }
        return result
      }
      var uses = Numbers(zeros: image)
      for tap in windows.taps() { for c in 0..<channels { uses[tap.y, tap.x, c] += 1 } }
      let sums = collected()
      let averages = Numbers(
        shape: image, values: zip(sums.values, uses.values).map { $1 == 0 ? 0 : $0 / $1 })
      return Check(
        quantity: "col2im",
        expected: Numbers(try Im2col.col2im(columns.tensor(), geometry), dropsBatch: true), tolerance: 1e-12,
        answer: { try $0.col2im(columns, image, kernel, stride, padding) },
        mistakes: [
          .init("windows that overlap add up; yours overwrite each other", collected { $0 = $1 }),
          .init(
            "the first window was kept where windows overlap; they add up",
            collected { if $0 == 0 { $0 = $1 } }),
          .init("the sum was divided by the number of windows; col2im only adds", averages),
          .init(
            "the windows begin in the image instead of in the padding", collected(windows.taps(offset: 0))),
          .init("the stride is missing: window i begins at i * stride", collected(windows.taps(step: 1))),
        ])
    }
  }

  /// The images and kernels of the three gradients: one with overlapping windows, one with stride and padding.
  private static let gradientCases = [([5, 6, 2], 3, 1, 0, 3), ([6, 5, 2], 3, 2, 1, 2)]

  /// 5: the gradient of the kernel.
  static let kernelGradient = Exercise(name: "kernel gradient") {
    try gradientCases.map { image, kernel, stride, padding, filters in
      let windows = Windows(image, kernel: kernel, stride: stride, padding: padding), channels = image[2]
      let x = Sample.numbers(image, seed: 6),
        g = Sample.numbers([windows.rows, windows.columns, filters], seed: 7)
      let expected = try convolutionGradients(
        of: g.tensor(batched: true), input: x.tensor(batched: true),
        kernel: Tensor(repeating: 0, shape: [kernel, kernel, channels, filters]),
        padding: windows.paddingRule, stride: Size2D(height: stride, width: stride)
      ).kernel
      func sums(_ taps: [Windows.Tap]? = nil, _ place: (Windows.Tap) -> (Int, Int) = { ($0.u, $0.v) })
        -> Numbers
      {
        var result = Numbers(zeros: [kernel, kernel, channels, filters])
        for tap in taps ?? windows.taps() {
          let (u, v) = place(tap)
          for c in 0..<channels {
            for o in 0..<filters { result[u, v, c, o] += g[tap.i, tap.j, o] * x[tap.y, tap.x, c] }
          }
        }
        return result
      }
      let count = Double(windows.rows * windows.columns), last = kernel - 1
      return Check(
        quantity: "kernel gradient", expected: Numbers(expected), tolerance: 1e-12,
        answer: { try $0.kernelGradient(g, x, kernel, stride, padding) },
        mistakes: [
          .init(
            "the sum was divided by the number of windows; it is a sum, not a mean", sums().map { $0 / count }
          ),
          .init(
            "the kernel gradient came out rotated; only the input gradient rotates the kernel",
            sums { (last - $0.u, last - $0.v) }),
          .init("rows and columns of the kernel were exchanged", sums { ($0.v, $0.u) }),
          .init("the stride is missing: window i begins at i * stride", sums(windows.taps(step: 1))),
          .init("the windows begin in the image instead of in the padding", sums(windows.taps(offset: 0))),
          .init(
            "only the last window counts; the windows add up",
            sums(windows.taps().filter { $0.i == windows.rows - 1 && $0.j == windows.columns - 1 })),
        ])
    }
  }

  /// 6: the gradient of the bias.
  static let biasGradient = Exercise(name: "bias gradient") {
    let (height, width, filters) = (3, 5, 4)
    let g = Sample.numbers([height, width, filters], seed: 8)
    let expected = try convolutionGradients(
      of: g.tensor(batched: true), input: Tensor(repeating: 0, shape: [1, height, width, 1]),
      kernel: Tensor(repeating: 0, shape: [1, 1, 1, filters]),
      padding: .valid
    ).bias
    func sums(rows: Range<Int>, columns: Range<Int>) -> Numbers {
      Numbers(
        shape: [filters],
        values: (0..<filters).map { o in rows.flatMap { i in columns.map { g[i, $0, o] } }.reduce(0, +) })
    }
    let right = sums(rows: 0..<height, columns: 0..<width)
    return [
      Check(
        quantity: "bias gradient", expected: Numbers(expected), tolerance: 1e-12,
        answer: { try $0.biasGradient(g) },
        mistakes: [
          .init(
            "the sum was divided by the number of windows; it is a sum, not a mean",
            right.map { $0 / Double(height * width) }),
          .init(
            "each filter has its own bias; yours is the sum over all filters", right.map { _ in right.total }),
          .init(
            "each filter has its own bias; yours is the sum over all filters",
            Numbers(shape: [1], values: [right.total])),
          .init("only the first row was summed", sums(rows: 0..<1, columns: 0..<width)),
          .init("only the first column was summed", sums(rows: 0..<height, columns: 0..<1)),
        ])
    ]
  }

  /// 7: the gradient of the input.
  static let inputGradient = Exercise(name: "input gradient") {
    try gradientCases.map { image, kernel, stride, padding, filters in
      let windows = Windows(image, kernel: kernel, stride: stride, padding: padding), channels = image[2]
      let w = Sample.numbers([kernel, kernel, channels, filters], seed: 9)
      let g = Sample.numbers([windows.rows, windows.columns, filters], seed: 10)
      let expected = try convolutionGradients(
        of: g.tensor(batched: true), input: Tensor(repeating: 0, shape: [1] + image), kernel: w.tensor(),
        padding: windows.paddingRule,
        stride: Size2D(height: stride, width: stride)
      ).input
      func shares(
        _ taps: [Windows.Tap]? = nil, filters used: Range<Int>? = nil, overwrites: Bool = false,
        weight: (Windows.Tap, Int, Int) -> Double = { tap, c, o in .nan }
      ) -> Numbers {
        var result = Numbers(zeros: image)
        for tap in taps ?? windows.taps() {
          for c in 0..<channels {
            let share = (used ?? 0..<filters).reduce(0.0) { sum, o in
              let changed = weight(tap, c, o)
              return sum + g[tap.i, tap.j, o] * (changed.isNaN ? w[tap.u, tap.v, c, o] : changed)
            }
            if overwrites { result[tap.y, tap.x, c] = share } else { result[tap.y, tap.x, c] += share }
          }
        }
        return result
      }
      let (taps, last) = (windows.taps(), kernel - 1)
      let first = taps.filter { $0.i == 0 && $0.j == 0 }
      let final = taps.filter { $0.i == windows.rows - 1 && $0.j == windows.columns - 1 }
      return Check(
        quantity: "input gradient", expected: Numbers(expected, dropsBatch: true), tolerance: 1e-12,
        answer: { try $0.inputGradient(g, w, image, stride, padding) },
        mistakes: [
          .init(
            "the kernel lies the wrong way around: scatter g * w as it is, or gather with w rotated by 180 degrees",
            shares { w[last - $0.u, last - $0.v, $1, $2] }),
          .init("windows that overlap add up; yours overwrite each other", shares(overwrites: true)),
          .init("a window was counted twice", shares(taps + final)),
          .init("a window was counted twice", shares(taps + first)),
          .init("only the first filter was summed; every filter reads the input", shares(filters: 0..<1)),
          .init("rows and columns of the kernel were exchanged", shares { w[$0.v, $0.u, $1, $2] }),
          .init("the windows begin in the image instead of in the padding", shares(windows.taps(offset: 0))),
          .init("the stride is missing: window i begins at i * stride", shares(windows.taps(step: 1))),
        ])
    }
  }

  /// 8: max pooling, with ties and overlapping windows.
  static let poolingGradient = Exercise(name: "pooling gradient") {
    try [
      ([4, 4, 1], 2, 2, [1, 3, 2, 2, 3, 0, 2, 2, 0, 5, 4, 1, 1, 2, 0, 4]),
      ([5, 5, 1], 3, 2, [1, 2, 5, 0, 3, 0, 1, 5, 1, 0, 2, 4, 9, 4, 2, 0, 4, 1, 4, 0, 3, 0, 2, 0, 3]),
    ].map { image, window, stride, values in
      let windows = Windows(image, kernel: window, stride: stride, padding: 0)
      let x = Numbers(shape: image, values: values.map(Double.init))
      let g = Sample.numbers([windows.rows, windows.columns, 1], seed: 11)
      let size = Size2D(height: window, width: window), step = Size2D(height: stride, width: stride)
      let expected = try ConvNet.poolingGradient(
        of: g.tensor(batched: true), input: x.tensor(batched: true), .max, window: size, stride: step)
      /// The gradient of each window to some of its pixels; `places` returns them with their shares.
      func scattered(overwrites: Bool = false, _ places: ([Windows.Tap], Double) -> [(Windows.Tap, Double)])
        -> Numbers
      {
        var result = Numbers(zeros: image)
        for i in 0..<windows.rows {
          for j in 0..<windows.columns {
            let taps = windows.taps().filter { $0.i == i && $0.j == j }
            for (tap, share) in places(taps, taps.map { x[$0.y, $0.x, 0] }.max() ?? 0) {
              if overwrites {
                result[tap.y, tap.x, 0] = share * g[i, j, 0]
              } else {
                result[tap.y, tap.x, 0] += share * g[i, j, 0]
              }
            }
          }
        }
        return result
      }
      func tied(_ taps: [Windows.Tap], _ maximum: Double) -> [Windows.Tap] {
        taps.filter { x[$0.y, $0.x, 0] == maximum }
      }
      let all = scattered { taps, maximum in tied(taps, maximum).map { ($0, 1) } }
      return Check(
        quantity: "pooling gradient", expected: Numbers(expected, dropsBatch: true), tolerance: 1e-6,
        answer: { try $0.poolingGradient(g, x, window, stride) },
        mistakes: [
          .init("a tie: all equal maxima got the gradient; only the first one gets it", all),
          .init(
            "a tie: the last maximum got the gradient; compare with >, not with >=",
            scattered { taps, maximum in tied(taps, maximum).suffix(1).map { ($0, 1) } }),
          .init(
            "a tie: the gradient was divided among equal maxima; only the first one gets it",
            scattered { taps, maximum in
              let equal = tied(taps, maximum)
              return equal.map { ($0, 1 / Double(equal.count)) }
            }),
          .init(
            "windows that overlap add up; yours overwrite each other",
            scattered(overwrites: true) { taps, maximum in tied(taps, maximum).prefix(1).map { ($0, 1) } }),
          .init(
            "the gradient was spread over the window, as for average pooling",
            scattered { taps, _ in taps.map { ($0, 1 / Double(taps.count)) } }),
        ])
    }
  }
}
