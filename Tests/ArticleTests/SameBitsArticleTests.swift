import ConvNet
import Im2col
import Testing

/// The snippets of `SameBits.md`.
struct SameBitsArticleTests {
  @Test func anyNumberOfWorkersGivesTheSameBits() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin workers
    let random = CounterRandom(
      seed: 0, stream: .initialValues(parameter: 0))
    func noise(_ shape: [Int], from start: UInt64) throws -> Tensor {
      let indices = start..<start + UInt64(shape.reduce(1, *))
      return try Tensor(
        shape: shape,
        scalars: indices.map { Float(random[$0] >> 40) / 0x1p23 - 1 })
    }
    let images = try noise([8, 17, 19, 12], from: 0)
    let kernel = try noise([3, 3, 12, 20], from: 1_000_000)
    let outputGradient = try noise([8, 17, 19, 20], from: 2_000_000)

    func bits(workers: Int) throws -> [UInt32] {
      let options = ComputeOptions(workers: try Workers(workers))
      let output = try convolve(images, kernel: kernel, options: options)
      let gradients = try convolutionGradients(
        of: outputGradient, input: images, kernel: kernel,
        options: options)
      return [
        output, gradients.input, gradients.kernel, gradients.bias,
      ].flatMap { $0.scalars.map(\.bitPattern) }
    }
    let one = try bits(workers: 1)
    for workers in [2, 3, 8] {
      print(workers, try bits(workers: workers) == one)
    }
    // article: end
    try Article("Im2col/SameBits").expect("workers", printed: transcript)
  }

  @Test func theOrderOfASumMatters() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin order
    let numbers: [Float] = [16_777_216, 1, 1, 1]
    print(((numbers[0] + numbers[1]) + numbers[2]) + numbers[3])
    print((numbers[0] + numbers[1]) + (numbers[2] + numbers[3]))
    // article: end
    try Article("Im2col/SameBits").expect("order", printed: transcript)
  }
}
