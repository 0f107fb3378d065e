import Im2col
import Im2colReference
import Testing

@Suite struct ScratchBudgetTests {
  /// Layers that strain the budget: long sums, many channels, large kernels, large images.
  static let layers: [ConvolutionGeometry] = [
    ([1, 7, 7, 2048], [3, 3, 2048, 8], 1), ([2, 56, 56, 64], [3, 3, 64, 64], 1),
    ([1, 40, 40, 3], [11, 11, 3, 96], 1), ([1, 300, 300, 1], [31, 31, 1, 2], 1),
    ([4, 28, 28, 512], [3, 3, 1, 512], 512), ([3, 14, 14, 4096], [1, 1, 4096, 10], 1),
    ([1, 1, 1, 9000], [1, 1, 9000, 3], 1), ([1, 9, 9, 1], [9, 9, 1, 15], 1),
    ([2, 5, 5, 3000], [5, 5, 1500, 4], 2), ([1, 2000, 3, 1], [1999, 3, 1, 1], 1),
    ([2, 9, 9, 1], [3, 3, 1, 64], 1), ([2, 9, 9, 64], [3, 3, 64, 1], 1), ([2, 9, 9, 2], [3, 3, 2, 36], 1),
    ([2, 14, 14, 512], [3, 3, 512, 160], 1), ([1, 3, 4096, 1], [1, 1, 1, 15], 1),
  ].compactMap { try? ConvolutionGeometry(input: $0.0, kernel: $0.1, groups: $0.2) }

  static let budgets = [4_096, 5_000, 16_384, 65_536, 524_288, 1 << 20, 1 << 30]

  @Test("No pass of any row exceeds the scratch budget", arguments: budgets)
  func budget(bytes: Int) {
    #expect(Self.layers.count == 15)
    for geometry in Self.layers + RandomCases.all.map(\.geometry) {
      let pooling = try? WindowGeometry(input: geometry.window.output, kernel: 2, stride: 2)
      for row in RowPass.all {
        for pooling in [nil, pooling] {
          let problem = ConvolutionProblem(geometry, row.pass, pooling: pooling, scratchBytes: bytes)
          guard row.row.supports(problem) else { continue }
          let pass = row.row.make(problem)
          #expect(
            pass.scratchFloats * 4 <= bytes,
            "\(pass.scratchFloats * 4) of \(bytes) bytes, \(row.testDescription), \(geometry)")
        }
      }
    }
  }

  @Test("A budget below the smallest counts as the smallest", arguments: [0, -1, 4095, Int.min])
  func smallest(bytes: Int) throws {
    let problem = ConvolutionProblem(try #require(Self.layers.first), .forward, scratchBytes: bytes)
    #expect(problem.scratchFloats == 1024)
  }

  @Test("The largest possible budget does not overflow")
  func largest() throws {
    let options = RandomCases.options(workers: 2, scratchBytes: .max)
    let input = try Tensor(repeating: 1, shape: [1, 9, 9, 2])
    let kernel = try Tensor(repeating: 1, shape: [3, 3, 2, 3])
    #expect(
      try convolve(input, kernel: kernel, padding: .valid, options: options).scalars.allSatisfy { $0 == 18 })
  }
}
