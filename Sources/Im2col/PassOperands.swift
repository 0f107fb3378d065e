/// The memory that one run of a pass reads and writes, owned by the caller.
///
/// Each direction of a convolution has a factory. A pass may read only the operands of its factory; reading
/// any other operand is a precondition failure.
package struct PassOperands {
  private var inputStart: UnsafePointer<Float>?
  private var kernelStart: UnsafePointer<Float>?
  private var outputGradientStart: UnsafePointer<Float>?
  private var pooledGradientStart: UnsafePointer<Float>?
  private var placesStart: UnsafePointer<UInt8>?

  /// The output, the input gradient or the kernel gradient.
  package let result: UnsafeMutablePointer<Float>
  /// At least `sharedFloats` scalars that all units of the run share.
  package let shared: UnsafeMutablePointer<Float>
  /// Forward: what becomes of the sums.
  package private(set) var epilogue = Epilogue()
  /// Kernel gradient: whether sums are added to `result` instead of overwriting it.
  package private(set) var accumulates = false

  private init(result: UnsafeMutablePointer<Float>, shared: UnsafeMutablePointer<Float>) {
    (self.result, self.shared) = (result, shared)
  }

  /// The operands of a forward pass.
  package static func forward(
    input: UnsafePointer<Float>, kernel: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    shared: UnsafeMutablePointer<Float>, epilogue: Epilogue = Epilogue()
  ) -> PassOperands {
    var operands = PassOperands(result: output, shared: shared)
    (operands.inputStart, operands.kernelStart) = (input, kernel)
    operands.epilogue = epilogue
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

  /// Returns the same operands of a gradient pass, with the gradient of the pooled output.
  ///
  /// - Parameters:
  ///   - pooledGradient: `[batch, pooled height, pooled width, outputChannels]`.
  ///   - places: the index of each maximum within its window, in the same order.
  package func reading(
    pooledGradient: UnsafePointer<Float>, places: UnsafePointer<UInt8>
  ) -> PassOperands {
    var operands = self
    (operands.pooledGradientStart, operands.placesStart) = (pooledGradient, places)
    return operands
  }

  /// `[batch, pooled height, pooled width, outputChannels]`.
  ///
  /// - Precondition: the operands of a gradient pass whose output is pooled.
  package var pooledGradient: UnsafePointer<Float> {
    guard let pooledGradientStart else { preconditionFailure("there is no pooling") }
    return pooledGradientStart
  }

  /// The index of each maximum within its window, in the order of the pooled gradient.
  ///
  /// - Precondition: the operands of a gradient pass whose output is pooled.
  package var places: UnsafePointer<UInt8> {
    guard let placesStart else { preconditionFailure("there is no pooling") }
    return placesStart
  }

  /// `[batch, height, width, outputChannels]`.
  ///
  /// - Precondition: the pass computes the input gradient or the kernel gradient.
  package var outputGradient: UnsafePointer<Float> {
    guard let outputGradientStart else { preconditionFailure("a forward pass has no output gradient") }
    return outputGradientStart
  }
}
