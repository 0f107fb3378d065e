/// Where one run of a pass reads and writes; all plain memory that the caller owns.
package struct PassOperands {
  /// Forward and kernel gradient: the input. Input gradient: the output's gradient.
  package var left: UnsafePointer<Float>
  /// Forward and input gradient: the kernel. Kernel gradient: the output's gradient.
  package var right: UnsafePointer<Float>
  /// What is computed.
  package var result: UnsafeMutablePointer<Float>
  /// At least `sharedFloats` scalars that all units of the run see.
  package var shared: UnsafeMutablePointer<Float>
  /// Forward: `[outputChannels]`, added to every pixel.
  package var bias: UnsafePointer<Float>?
  /// Forward: applied behind the bias. Softmax is not for passes: it needs whole rows.
  package var activation: Activation
  /// Kernel gradient: add to what `result` holds instead of overwriting it.
  package var accumulates: Bool

  package init(
    left: UnsafePointer<Float>, right: UnsafePointer<Float>, result: UnsafeMutablePointer<Float>,
    shared: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>? = nil,
    activation: Activation = .identity, accumulates: Bool = false
  ) {
    (self.left, self.right, self.result, self.shared) = (left, right, result, shared)
    (self.bias, self.activation, self.accumulates) = (bias, activation, accumulates)
  }
}
