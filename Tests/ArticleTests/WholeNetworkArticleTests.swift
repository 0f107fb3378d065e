import ConvNet
import Foundation
import Im2col
import Testing

/// The snippets of `OneGradientThroughANetwork.md`.
struct WholeNetworkArticleTests {
  @Test func byHandThroughTheFunctionsAndAsAModel() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin correlate
    typealias Matrix = [[Double]]

    /// The product with `w` of every window of `x`.
    func correlate(_ x: Matrix, _ w: Matrix) -> Matrix {
      (0...x.count - w.count).map { i in
        (0...x.count - w.count).map { j in
          var sum = 0.0
          for row in w.indices {
            for column in w.indices {
              sum += x[i + row][j + column] * w[row][column]
            }
          }
          return sum
        }
      }
    }

    /// The first maximum of a 2 x 2 window.
    func maximum(_ a: Matrix, _ i: Int, _ j: Int) -> (Int, Int) {
      var best = (2 * i, 2 * j)
      for row in 2 * i..<2 * i + 2 {
        for column in 2 * j..<2 * j + 2 {
          if a[row][column] > a[best.0][best.1] { best = (row, column) }
        }
      }
      return best
    }
    // article: end
    // article: begin byhand
    let x: Matrix = [
      [2, 0, 0, 0, 0, 0],
      [0, 0, 1, 0, 0, 0],
      [1, 0, 0, 0, 0, 0],
      [0, 0, 2, 1, 0, 1],
      [0, 0, 1, 2, 0, 0],
      [0, 0, 1, 2, 1, 0],
    ]
    let w: Matrix = [[1, 0, -1], [1, 0, -1], [1, 0, -1]]
    let v: [Matrix] = [[[0, 1], [-2, 0]], [[2, -3], [4, 2]]]

    // Forward
    let y = correlate(x, w)
    let a = y.map { row in row.map { max($0, 0) } }
    var p: Matrix = [[0, 0], [0, 0]]
    for i in 0..<2 {
      for j in 0..<2 {
        let (row, column) = maximum(a, i, j)
        p[i][j] = a[row][column]
      }
    }
    let z = v.map { correlate(p, $0)[0][0] }
    let sum = z.map { exp($0) }.reduce(0, +)
    let q = z.map { exp($0) / sum }
    print(p, z, q)

    // Backward
    let dz = [q[0] - 1, q[1]]  // the label is 0
    let dv = dz.map { correlate(p, [[$0]]) }
    var dp: Matrix = [[0, 0], [0, 0]]
    var dy = Matrix(repeating: [0, 0, 0, 0], count: 4)
    for i in 0..<2 {
      for j in 0..<2 {
        dp[i][j] = dz[0] * v[0][i][j] + dz[1] * v[1][i][j]
        let (row, column) = maximum(a, i, j)
        if y[row][column] > 0 { dy[row][column] = dp[i][j] }
      }
    }
    let dw = correlate(x, dy)
    print(dz, dp, dv[1])
    print(dw)
    // article: end
    let byHand = transcript.take()
    // article: begin functions
    let image = try Tensor(
      shape: [1, 6, 6, 1], scalars: x.joined().map { Float($0) })
    let w1 = try Tensor(
      shape: [3, 3, 1, 1], scalars: w.joined().map { Float($0) })
    let w2 = try Tensor(
      shape: [2, 2, 1, 2], scalars: [0, 2, 1, -3, -2, 4, 0, 2])
    let label = try Tensor(shape: [1, 2], scalars: [1, 0])

    let map = try convolve(
      image, kernel: w1, activation: .relu, padding: .valid)
    let pooled = try pool(map, .max, window: 2, stride: 2)
    let logits = try convolve(pooled, kernel: w2, padding: .valid)
    let loss = try softmaxCrossEntropy(
      logits: logits.reshaped(to: [1, 2]), labels: label)

    let second = try convolutionGradients(
      of: loss.gradient.reshaped(to: [1, 1, 1, 2]), input: pooled,
      kernel: w2, padding: .valid)
    let unpooled = try poolingGradient(
      of: second.input, input: map, .max, window: 2, stride: 2)
    let beforeReLU = try activationGradient(
      of: unpooled, output: map, .relu)
    let first = try convolutionGradients(
      of: beforeReLU, input: image, kernel: w1, padding: .valid)
    print(first.kernel.scalars.map { Int($0) })
    // article: end
    let functions = transcript.take()
    #expect(first.kernel.scalars.map(Double.init) == dw.flatMap { $0 })
    #expect(second.input.scalars.map(Double.init) == dp.flatMap { $0 })
    #expect(first.bias.scalars == [0])
    // article: begin model
    let model = try Sequential(
      inputShape: [6, 6, 1],
      layers: [
        .convolution(filters: 1, kernel: 3, activation: .relu),
        .maxPooling(window: 2, stride: 2),
        .convolution(filters: 2, kernel: 2),
        .flatten,
        .activation(.softmax),
      ])
    try model.setParameters(w1.scalars + [0] + w2.scalars + [0, 0])
    try model.compile(optimizer: .sgd(learningRate: 0.001))

    let (score, gradients) = try model.gradients(image, label)
    print(gradients[0..<9].map { Int($0) })
    print(gradients.map { $0 * $0 }.reduce(0, +))
    try model.trainOnBatch(image, label)
    let after = try model.evaluate(image, label)
    print(((score.loss - after.loss) * 10_000).rounded() / 10_000)
    // article: end
    let article = try Article("ConvNet/OneGradientThroughANetwork")
    try article.expect("correlate")
    try article.expect("byhand", printed: byHand)
    try article.expect("functions", printed: functions)
    try article.expect("model", printed: transcript)
  }

  @Test func severalChannels() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin channels
    let twoChannels = try Tensor(
      shape: [1, 2, 2, 2], scalars: [1, 0, 2, 1, 3, 4, 0, 1])
    let deep = try Tensor(
      shape: [2, 2, 2, 1], scalars: [1, 2, 0, -1, 0, 1, 1, 0])
    print(try convolve(twoChannels, kernel: deep, padding: .valid).scalars)
    // article: end
    try Article("ConvNet/OneGradientThroughANetwork").expect("channels", printed: transcript)
  }

  @Test func strideAndPadding() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin strides
    let w3 = try Tensor(
      shape: [3, 3, 1, 1], scalars: [1, 2, 3, 4, 5, 6, 7, 8, 9])
    let small = try Tensor(
      shape: [1, 3, 3, 1], scalars: [1, 0, 2, 0, 3, 0, 1, 0, 1])
    let g = try Tensor(shape: [1, 2, 2, 1], scalars: [1, 2, 3, 4])
    let strided = try convolutionGradients(
      of: g, input: small, kernel: w3, padding: .same, stride: 2)
    print(strided.input.scalars)

    let spread = try Tensor(
      shape: [1, 3, 3, 1], scalars: [1, 0, 2, 0, 0, 0, 3, 0, 4])
    let rotated = try Tensor(
      shape: [3, 3, 1, 1], scalars: [9, 8, 7, 6, 5, 4, 3, 2, 1])
    for kernel in [rotated, w3] {
      let input = try convolve(spread, kernel: kernel, padding: .same)
      print(input == strided.input)
    }
    print(strided.kernel.scalars.map { Int($0) })
    // article: end
    try Article("ConvNet/OneGradientThroughANetwork").expect("strides", printed: transcript)
  }
}
