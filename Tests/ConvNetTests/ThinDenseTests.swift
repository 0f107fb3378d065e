import ConvNet
import Im2col
import Im2colReference
import Testing

/// Dense layers with large kernels and at most 32 images, which use the *thin* loops, and 33 images, which
/// use sgemm.
@Suite("Dense layers with large kernels")
struct ThinDenseTests {
  struct Case: Sendable, CustomStringConvertible {
    let images, inputs, units: Int

    var description: String { "\(images)x\(inputs)x\(units)" }
  }

  /// Remainders of every block: images of 8 and 4, rows of 8 and 4, columns of 16, 32 and 512.
  static let cases: [Case] = [
    Case(images: 1, inputs: 517, units: 515), Case(images: 3, inputs: 523, units: 1_023),
    Case(images: 8, inputs: 1_024, units: 512), Case(images: 13, inputs: 519, units: 528),
    Case(images: 32, inputs: 2_100, units: 133), Case(images: 33, inputs: 517, units: 515),
    Case(images: 5, inputs: 16, units: 17_001), Case(images: 9, inputs: 300_001, units: 1),
  ]

  @Test("integers are exact", arguments: cases)
  func exact(_ test: Case) throws {
    let (b, i, u) = (test.images, test.inputs, test.units)
    let (x, w) = (try Self.integers([b, i], seed: 71), try Self.integers([i, u], seed: 72))
    let (g, bias) = (try Self.integers([b, u], seed: 73), try Self.integers([u], seed: 74))
    for workers in [1, 3] {
      let options = ComputeOptions(workers: try Workers(workers))
      let output = try dense(x, kernel: w, bias: bias, options: options)
      let gradients = try denseGradients(of: g, input: x, kernel: w, options: options)
      #expect(output == (try Self.plus(multiply(x, w), bias)), "\(test)")
      #expect(gradients.kernel == (try multiply(x, g, transposeLeft: true)), "\(test)")
      #expect(gradients.input == (try multiply(g, w, transposeRight: true)), "\(test)")
    }
  }

  /// A tensor of integers in -2...2.
  private static func integers(_ shape: [Int], seed: UInt64) throws -> Tensor {
    var random = SplitMix64(seed: seed)
    return try Tensor(
      shape: shape, scalars: (0..<shape.reduce(1, *)).map { _ in Float(random.roll(-2...2)) })
  }

  /// Adds the bias to every row.
  private static func plus(_ rows: Tensor, _ bias: Tensor) -> Tensor {
    var result = rows
    for index in 0..<rows.count { result.scalars[index] += bias.scalars[index % bias.count] }
    return result
  }

  @Test("random numbers stay within the error bound of a sum")
  func random() throws {
    let (b, i, u) = (7, 1_203, 227)
    let (x, w) = (try RandomImages.tensor([b, i], seed: 75), try RandomImages.tensor([i, u], seed: 76))
    let g = try RandomImages.tensor([b, u], seed: 77)
    let (dx, dw, dg) = (DoubleTensor(x), DoubleTensor(w), DoubleTensor(g))
    let gradients = try denseGradients(of: g, input: x, kernel: w)
    #expect(firstMismatch(try dense(x, kernel: w), LoopNestDense.multiply(dx, dw)) == nil)
    #expect(firstMismatch(gradients.kernel, LoopNestDense.multiply(dx, dg, transposeLeft: true)) == nil)
    #expect(firstMismatch(gradients.input, LoopNestDense.multiply(dg, dw, transposeRight: true)) == nil)
  }

  @Test("the same bits for any number of workers, and both schedules agree")
  func sameBits() throws {
    func trained(_ workers: Int, _ schedule: ExecutionSchedule) throws -> [Float] {
      let model = try Sequential(
        inputShape: [600], layers: [.dense(units: 500, activation: .tanh), .dense(units: 3)], seed: 2)
      model.forcedSchedule = schedule
      try model.compile(optimizer: .sgd(momentum: 0.9), options: ComputeOptions(workers: Workers(workers)))
      let (x, y) = (
        try RandomImages.tensor([29, 600], seed: 78), try RandomImages.labels(29, classes: 3, seed: 79)
      )
      for _ in 0..<3 { try model.trainOnBatch(x, y) }
      return model.parameters
    }
    for schedule in ExecutionSchedule.allCases {
      let expected = try trained(1, schedule)
      #expect(try trained(2, schedule) == expected)
      #expect(try trained(3, schedule) == expected)
      let other = try trained(1, schedule == .microBatch ? .layerByLayer : .microBatch)
      let far = zip(expected, other).map { abs($0 - $1) }.max() ?? 1
      #expect(far < 1e-5, "the schedules differ by \(far)")
    }
  }
}
