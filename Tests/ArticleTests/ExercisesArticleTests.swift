import ConvNet
import Foundation
import Im2col
import Referee
import Solutions
import Testing

/// The answers of `Exercises.md`: the functions are those of `Tests/Exercises`, which its referee judges.
struct ExercisesArticleTests {
  private static let solutions = Package.solutions.appendingPathComponent("Solutions.swift").path

  /// The article shows a function of the solutions.
  private func expectSolution(_ name: String) throws {
    try Article("ConvNet/Exercises").expect(name, source: Self.solutions)
  }

  private func expect(_ name: String, _ transcript: Transcript) throws {
    try Article("ConvNet/Exercises").expect(name, printed: transcript)
  }

  @Test func sizesAndConvolution() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin exercise-size-run
    print(outputSize(input: 28, kernel: 5, stride: 1, padding: 2))
    print(outputSize(input: 14, kernel: 5, stride: 1, padding: 0))
    print(outputSize(input: 27, kernel: 3, stride: 2, padding: 1))
    // article: end
    try expectSolution("exercise-size")
    try expect("exercise-size-run", transcript.take())
    // article: begin exercise-convolution-run
    let x = Numbers(shape: [3, 3, 1], values: [1, 2, 0, 3, 1, 1, 0, 2, 4])
    let w = Numbers(shape: [2, 2, 1, 1], values: [1, 0, -1, 2])
    let b = Numbers(shape: [1], values: [1])
    print(convolution(x, w, b, stride: 1, padding: 0).values)
    // article: end
    try expectSolution("exercise-convolution")
    try expect("exercise-convolution-run", transcript)
  }

  @Test func columns() throws {
    let transcript = Transcript()
    let print = transcript.print
    let x = Numbers(shape: [3, 3, 1], values: [1, 2, 0, 3, 1, 1, 0, 2, 4])
    // article: begin exercise-im2col-run
    let columns = im2col(x, kernel: 2, stride: 1, padding: 0)
    for row in 0..<4 { print(columns.values[4 * row..<4 * row + 4]) }
    // article: end
    try expectSolution("exercise-taps")
    try expectSolution("exercise-im2col")
    try expect("exercise-im2col-run", transcript.take())
    // article: begin exercise-col2im-run
    let ones = Numbers(
      shape: [4, 4], values: Array(repeating: 1, count: 16))
    let uses = col2im(
      ones, image: [3, 3, 1], kernel: 2, stride: 1, padding: 0)
    for row in 0..<3 { print(uses.values[3 * row..<3 * row + 3]) }
    // article: end
    try expectSolution("exercise-col2im")
    try expect("exercise-col2im-run", transcript)
  }

  @Test func threeGradients() throws {
    let transcript = Transcript()
    let print = transcript.print
    let x = Numbers(shape: [3, 3, 1], values: [1, 2, 0, 3, 1, 1, 0, 2, 4])
    let w = Numbers(shape: [2, 2, 1, 1], values: [1, 0, -1, 2])
    // article: begin exercise-kernel-gradient-run
    let g = Numbers(shape: [2, 2, 1], values: [1, -1, 0, 2])
    let gw = kernelGradient(
      of: g, input: x, kernel: 2, stride: 1, padding: 0)
    print(gw.values)
    // article: end
    try expectSolution("exercise-kernel-gradient")
    try expect("exercise-kernel-gradient-run", transcript.take())
    // article: begin exercise-bias-gradient-run
    print(biasGradient(of: g).values)
    // article: end
    try expectSolution("exercise-bias-gradient")
    try expect("exercise-bias-gradient-run", transcript.take())
    // article: begin exercise-input-gradient-run
    let gx = inputGradient(
      of: g, kernel: w, image: [3, 3, 1], stride: 1, padding: 0)
    for row in 0..<3 { print(gx.values[3 * row..<3 * row + 3]) }

    // The same by a convolution with the kernel rotated.
    let rotated = Numbers(shape: [2, 2, 1, 1], values: [2, -1, 0, 1])
    let zero = Numbers(zeros: [1])
    print(convolution(g, rotated, zero, stride: 1, padding: 1) == gx)
    print(convolution(g, w, zero, stride: 1, padding: 1) == gx)
    // article: end
    try expectSolution("exercise-input-gradient")
    try expect("exercise-input-gradient-run", transcript.take())
    // article: begin exercise-check-run
    let measured = measuredGradient(
      of: { w in
        let y = convolution(x, w, zero, stride: 1, padding: 0)
        return zip(y.values, g.values).map(*).reduce(0, +)
      }, at: w, epsilon: 0.5)
    print(measured == gw)
    // article: end
    try expectSolution("exercise-check")
    try expect("exercise-check-run", transcript)
  }

  @Test func poolingLossAndAdam() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin exercise-pooling-run
    let image = Numbers(
      shape: [3, 3, 1], values: [1, 3, 0, 3, 2, 3, 0, 1, 3])
    let gradient = poolingGradient(
      of: Numbers(shape: [2, 2, 1], values: [1, 2, 3, 4]), input: image,
      window: 2, stride: 1)
    for row in 0..<3 { print(gradient.values[3 * row..<3 * row + 3]) }
    // article: end
    try expectSolution("exercise-pooling")
    try expect("exercise-pooling-run", transcript.take())
    // article: begin exercise-cross-entropy-run
    let logits = Numbers(shape: [2], values: [1000, 1000])
    let (loss, p) = crossEntropy(logits: logits, label: 0)
    print((loss * 1000).rounded() / 1000, p.values)
    // article: end
    try expectSolution("exercise-cross-entropy")
    try expect("exercise-cross-entropy-run", transcript.take())
    // article: begin exercise-adam-run
    let start = AdamState(
      w: Numbers(shape: [2], values: [1, 1]), m: Numbers(zeros: [2]),
      v: Numbers(zeros: [2]), t: 0)
    let next = adam(
      start, gradient: Numbers(shape: [2], values: [50, -0.1]), rate: 0.01)
    print(next.w.values.map { ($0 * 10_000).rounded() / 10_000 })
    // article: end
    try expectSolution("exercise-adam")
    try expect("exercise-adam-run", transcript)
  }

  @Test func aWholeStep() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin exercise-step-run
    let model = try Sequential(
      inputShape: [28, 28, 1], layers: LeNet5.layers(), seed: 1)
    try model.compile(optimizer: .sgd(learningRate: 0.01))
    let digit = try Tensor(
      shape: [1, 28, 28, 1],
      scalars: (0..<784).map { $0 % 28 == 14 ? 1 : 0 })  // a vertical bar
    let one = try Tensor(
      shape: [1, 10], scalars: (0..<10).map { $0 == 1 ? 1 : 0 })

    let before = model.parameters
    let (score, gradients) = try model.gradients(digit, one)
    try model.trainOnBatch(digit, one)
    let error = zip(zip(before, gradients), model.parameters)
      .map { abs($0.0 - 0.01 * $0.1 - $1) }.max()
    print((error ?? 1) < 1e-6)
    print(try model.evaluate(digit, one).loss < score.loss)
    // article: end
    try expectSolution("exercise-step")
    try expect("exercise-step-run", transcript)
  }
}
