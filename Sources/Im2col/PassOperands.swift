/// The memory that one run of a pass reads and writes, owned by the caller.
///
/// Each direction of a convolution has a factory. A pass may read only the operands of its factory; reading
/// any other operand is a precondition failure.
package struct PassOperands {
  private var inputStart: UnsafePointer<Float>?
  private var kernelStart: UnsafePointer<Float>?
  private var outputGradientStart: UnsafePointer<Float>?

  /// The output, the input gradient or the kernel gradient.
  package let result: UnsafeMutablePointer<Float>
  /// At least `sharedFloats` scalars that all units of the run share.
  package let shared: UnsafeMutablePointer<Float>
  /// Forward: `[outputChannels]`, added to every pixel.
  package private(set) var bias: UnsafePointer<Float>?
  /// Forward: applied after the bias. Never softmax, which needs whole rows.
  package private(set) var activation = Activation.identity
  /// Kernel gradient: whether sums are added to `result` instead of overwriting it.
  package private(set) var accumulates = false

  private init(result: UnsafeMutablePointer<Float>, shared: UnsafeMutablePointer<Float>) {
    (self.result, self.shared) = (result, shared)
  }

  /// The operands of a forward pass.
  package static func forward(
    input: UnsafePointer<Float>, kernel: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    shared: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>? = nil,
    activation: Activation = .identity
  ) -> PassOperands {
    var operands = PassOperands(result: output, shared: shared)
    (operands.inputStart, operands.kernelStart) = (input, kernel)
    (operands.bias, operands.activation) = (bias, activation)
    return operands
  }

  /// The operands of a pass that computes the input gradient.
  package static func inputGradient(
    outputGradient: UnsafePointer<Float>, kernel: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, shared: UnsafeMutablePointer<Float>
  ) -> PassOperands {
    var operands = PassOperands(result: inputGradient, shared: shared)
    (operands.outputGradientStart, operands.kernelStart) = (outputGradient, kernel)
    return operands
  }

  /// The operands of a pass that computes the kernel gradient.
  ///
  /// - Parameter accumulates: whether the gradient is added to `kernelGradient` instead of overwriting it.
  package static func kernelGradient(
    input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    kernelGradient: UnsafeMutablePointer<Float>, shared: UnsafeMutablePointer<Float>,
    accumulates: Bool = false
  ) -> PassOperands {
    var operands = PassOperands(result: kernelGradient, shared: shared)
    (operands.inputStart, operands.outputGradientStart) = (input, outputGradient)
    operands.accumulates = accumulates
    return operands
  }

  /// `[batch, height, width, inputChannels]`.
  ///
  /// - Precondition: the pass is a forward pass or computes the kernel gradient.
  package var input: UnsafePointer<Float> {
    guard let inputStart else { preconditionFailure("an input gradient is computed without the input") }
    return inputStart
  }

  /// `[height, width, inputChannels / groups, outputChannels]`.
  ///
  /// - Precondition: the pass is a forward pass or computes the input gradient.
  package var kernel: UnsafePointer<Float> {
    guard let kernelStart else { preconditionFailure("a kernel gradient is computed without the kernel") }
    return kernelStart
  }

  /// The output gradient, in the layout of the output.
  ///
  /// - Precondition: the pass computes the input gradient or the kernel gradient.
  package var outputGradient: UnsafePointer<Float> {
    guard let outputGradientStart else { preconditionFailure("a forward pass has no output gradient") }
    return outputGradientStart
  }
}
