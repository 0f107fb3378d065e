import CKernels

/// One convolution layer, ready to run: its geometry with a pass chosen for each direction.
///
/// For callers that run a layer many times and keep the storage: each operation writes into a tensor
/// that the caller owns. The functions `convolve` and `convolutionGradients` are this, used once.
public struct Convolution: Sendable {
  /// The sizes.
  public let geometry: ConvolutionGeometry
  /// What the operations may use.
  public let options: ComputeOptions

  package let forwardPass: any ConvolutionPass
  package let inputGradientPass: any ConvolutionPass
  package let kernelGradientPass: any ConvolutionPass

  /// Chooses the passes, by shape and options alone.
  public init(_ geometry: ConvolutionGeometry, options: ComputeOptions = .default) {
    let settings = PassSettings(scratchBytes: options.scratchBytes, lowering: options.lowering)
    (self.geometry, self.options) = (geometry, options)
    forwardPass = ConvolutionPlan.forward(geometry, settings)
    inputGradientPass = ConvolutionPlan.inputGradient(geometry, settings)
    kernelGradientPass = ConvolutionPlan.kernelGradient(geometry, settings)
  }

  /// The forward pass into storage that the caller owns; see `convolve`.
  ///
  /// - Parameters:
  ///   - input: `[batch, height, width, inputChannels]`.
  ///   - kernel: `[height, width, inputChannels / groups, outputChannels]`.
  ///   - bias: `[outputChannels]`, or nil.
  ///   - activation: applied to every output behind the bias.
  ///   - output: `[batch, outputHeight, outputWidth, outputChannels]`, overwritten.
  /// - Throws: `EngineError` when a shape differs from the geometry's, or OpenBLAS must not be used.
  public func forward(
    _ input: Tensor, kernel: Tensor, bias: Tensor? = nil, activation: Activation = .identity,
    into output: inout Tensor
  ) throws(EngineError) {
    try EngineError.require(input, geometry.inputShape, "the input")
    try EngineError.require(kernel, geometry.kernelShape, "the kernel")
    if let bias { try EngineError.require(bias, [geometry.outputChannels], "the bias") }
    try EngineError.require(output, geometry.outputShape, "the output")
    try BLAS.requireUsable()
    run(forwardPass, left: input, right: kernel, result: &output, bias: bias, activation: activation)
    if activation == .softmax {
      output.withUnsafeMutableScalars {
        ckernels_softmax_rows($0, Int64(geometry.pixels), Int64(geometry.outputChannels))
      }
    }
  }

  /// The input's gradient into storage that the caller owns.
  ///
  /// - Parameters:
  ///   - outputGradient: `[batch, outputHeight, outputWidth, outputChannels]`.
  ///   - kernel: `[height, width, inputChannels / groups, outputChannels]`.
  ///   - inputGradient: `[batch, height, width, inputChannels]`, overwritten.
  /// - Throws: `EngineError` when a shape differs from the geometry's, or OpenBLAS must not be used.
  public func inputGradient(
    of outputGradient: Tensor, kernel: Tensor, into inputGradient: inout Tensor
  ) throws(EngineError) {
    try EngineError.require(outputGradient, geometry.outputShape, "the output's gradient")
    try EngineError.require(kernel, geometry.kernelShape, "the kernel")
    try EngineError.require(inputGradient, geometry.inputShape, "the input's gradient")
    try BLAS.requireUsable()
    run(inputGradientPass, left: outputGradient, right: kernel, result: &inputGradient)
  }

  /// The kernel's gradient, summed over the batch, into storage that the caller owns.
  ///
  /// - Parameters:
  ///   - outputGradient: `[batch, outputHeight, outputWidth, outputChannels]`.
  ///   - input: `[batch, height, width, inputChannels]`.
  ///   - kernelGradient: `[height, width, inputChannels / groups, outputChannels]`, overwritten.
  /// - Throws: `EngineError` when a shape differs from the geometry's, or OpenBLAS must not be used.
  public func kernelGradient(
    of outputGradient: Tensor, input: Tensor, into kernelGradient: inout Tensor
  ) throws(EngineError) {
    try EngineError.require(outputGradient, geometry.outputShape, "the output's gradient")
    try EngineError.require(input, geometry.inputShape, "the input")
    try EngineError.require(kernelGradient, geometry.kernelShape, "the kernel's gradient")
    try BLAS.requireUsable()
    run(kernelGradientPass, left: input, right: outputGradient, result: &kernelGradient)
  }

  /// The bias' gradient, summed over batch and pixels, into storage that the caller owns.
  ///
  /// - Parameters:
  ///   - outputGradient: `[batch, outputHeight, outputWidth, outputChannels]`.
  ///   - biasGradient: `[outputChannels]`, overwritten.
  /// - Throws: `EngineError` when a shape differs from the geometry's.
  public func biasGradient(of outputGradient: Tensor, into biasGradient: inout Tensor) throws(EngineError) {
    try EngineError.require(outputGradient, geometry.outputShape, "the output's gradient")
    try EngineError.require(biasGradient, [geometry.outputChannels], "the bias' gradient")
    let sums = BiasGradient(geometry)
    outputGradient.withUnsafeScalars { outputGradient in
      biasGradient.withUnsafeMutableScalars { result in
        options.workers.withScratch(sums.sharedFloats) { shared in
          sums.run(outputGradient, into: result, shared: shared, workers: options.workers)
        }
      }
    }
  }

  private func run(
    _ pass: any ConvolutionPass, left: Tensor, right: Tensor, result: inout Tensor, bias: Tensor? = nil,
    activation: Activation = .identity
  ) {
    // No pixel, no product: what is left is a sum of nothing.
    guard geometry.pixels > 0 else {
      result = Tensor(zeros: result.shape)
      return
    }
    left.withUnsafeScalars { left in
      right.withUnsafeScalars { right in
        (bias ?? Convolution.nothing).withUnsafeScalars { biasScalars in
          result.withUnsafeMutableScalars { result in
            let shared = CacheLine.rounded(pass.sharedFloats)
            options.workers.withScratch(shared + pass.scratchStep * options.workers.count) { memory in
              let operands = PassOperands(
                left: left, right: right, result: result, shared: memory,
                bias: bias == nil ? nil : biasScalars, activation: activation)
              pass.run(operands, workers: options.workers, scratch: memory + shared)
            }
          }
        }
      }
    }
  }

  private static let nothing = Tensor(zeros: [0])
}
