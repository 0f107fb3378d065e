import Im2col
import Im2colReference

/// The random cases that the tests of the engine share, and the calls of the engine for a case.
enum RandomCases {
  /// The number of cases that are compared with the loop nest, which is slow in a debug build.
  #if DEBUG
    static let count = 300
  #else
    static let count = 2_000
  #endif

  /// The cases in ten parts, which run in parallel.
  static let parts = 0..<10

  static let all = (0..<count).map { ConvolutionCase(seed: UInt64($0)) }

  static func part(_ index: Int) -> some Sequence<ConvolutionCase> {
    all.lazy.enumerated().filter { $0.offset % parts.count == index }.map(\.element)
  }

  /// Pools of one, two and three workers, started once.
  private static let workers = (1...3).compactMap { try? Workers($0) }

  static func options(
    workers count: Int, scratchBytes: Int = ComputeOptions.defaultScratchBytes, lowering: Lowering = .im2col
  ) -> ComputeOptions {
    ComputeOptions(workers: workers[count - 1], scratchBytes: scratchBytes, lowering: lowering)
  }
}

/// The results of the engine for one case.
struct EngineResults {
  var output, inputGradient, kernelGradient, biasGradient: Tensor
}

extension ConvolutionCase {
  func options(lowering: Lowering) -> ComputeOptions {
    RandomCases.options(workers: workers, scratchBytes: scratchBytes, lowering: lowering)
  }

  /// Computes the forward pass and all gradients by the public functions.
  func results(_ operands: ConvolutionOperands, _ options: ComputeOptions) throws -> EngineResults {
    let (input, kernel) = (try operands.input.rounded(), try operands.kernel.rounded())
    let output = try convolve(
      input, kernel: kernel, bias: try operands.bias.rounded(), padding: padding, stride: stride,
      dilation: dilation, groups: geometry.groups, options: options)
    let gradients = try convolutionGradients(
      of: try operands.outputGradient.rounded(), input: input, kernel: kernel, padding: padding,
      stride: stride, dilation: dilation, groups: geometry.groups, options: options)
    return EngineResults(
      output: output, inputGradient: gradients.input, kernelGradient: gradients.kernel,
      biasGradient: gradients.bias)
  }
}
