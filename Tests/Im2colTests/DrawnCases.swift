import Im2col
import Im2colReference

/// The drawn cases that the engine's tests share, and how one is put to the engine.
enum DrawnCases {
  /// How many cases are compared with the loop nest; the loop nest is slow in debug.
  #if DEBUG
    static let count = 300
  #else
    static let count = 2_000
  #endif

  /// The cases in ten parts, so that they run beside each other.
  static let shards = 0..<10

  static let all = (0..<count).map { ConvolutionCase(seed: UInt64($0)) }

  static func shard(_ index: Int) -> some Sequence<ConvolutionCase> {
    all.lazy.enumerated().filter { $0.offset % shards.count == index }.map(\.element)
  }

  /// One, two and three workers, started once.
  private static let workers = (1...3).compactMap { try? Workers($0) }

  static func options(
    workers count: Int, scratchBytes: Int = ComputeOptions.defaultScratchBytes, lowering: Lowering = .im2col
  ) -> ComputeOptions {
    ComputeOptions(workers: workers[count - 1], scratchBytes: scratchBytes, lowering: lowering)
  }
}

/// What the engine gives for one case.
struct EngineResults {
  var output, inputGradient, kernelGradient, biasGradient: Tensor
}

extension ConvolutionCase {
  func options(lowering: Lowering = .im2col) -> ComputeOptions {
    DrawnCases.options(workers: workers, scratchBytes: scratchBytes, lowering: lowering)
  }

  /// Forward and all gradients through the public functions.
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

  /// The passes that those functions run.
  func passes(lowering: Lowering = .im2col) -> [any ConvolutionPass] {
    let settings = PassSettings(scratchBytes: scratchBytes, lowering: lowering)
    return [
      ConvolutionPlan.forward(geometry, settings), ConvolutionPlan.inputGradient(geometry, settings),
      ConvolutionPlan.kernelGradient(geometry, settings),
    ]
  }
}
