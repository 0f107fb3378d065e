import CKernels

/// A convolution layer that is ready to run: its geometry and the pass chosen for each direction.
///
/// Use it to run a layer many times without allocating: each operation writes into a tensor that the caller
/// owns. The functions `convolve` and `convolutionGradients` create one and use it once.
public struct Convolution: Sendable {
  /// The sizes of the layer.
  public let geometry: ConvolutionGeometry
  /// The resources that the operations may use.
  public let options: ComputeOptions

  private let passes: [ConvolutionProblem.Pass: LoweredPass]

  /// Chooses the passes; the choice depends only on shape and options.
  public init(_ geometry: ConvolutionGeometry, options: ComputeOptions = .default) {
    self.init(geometry, options: options, planning: [.forward, .inputGradient, .kernelGradient])
  }

  /// Chooses some of the passes.
  init(
    _ geometry: ConvolutionGeometry, options: ComputeOptions, planning planned: [ConvolutionProblem.Pass]
  ) {
    (self.geometry, self.options) = (geometry, options)
    passes = Dictionary(
      uniqueKeysWithValues: planned.map { pass in
        let problem = ConvolutionProblem(geometry, pass, scratchBytes: options.scratchBytes)
        return (pass, LoweringTable.makePass(problem, options.lowering))
      })
  }

  package var forwardPass: LoweredPass { planned(.forward) }
  package var inputGradientPass: LoweredPass { planned(.inputGradient) }
  package var kernelGradientPass: LoweredPass { planned(.kernelGradient) }

  private func planned(_ pass: ConvolutionProblem.Pass) -> LoweredPass {
    guard let found = passes[pass] else { preconditionFailure("no \(pass) pass was planned") }
    return found
  }

  /// Computes the forward pass into a tensor that the caller owns; see `convolve`.
  ///
  /// - Parameters:
  ///   - input: `[batch, height, width, inputChannels]`.
  ///   - kernel: `[height, width, inputChannels / groups, outputChannels]`.
  ///   - bias: `[outputChannels]`, or nil.
  ///   - activation: applied to every output after the bias.
  ///   - output: `[batch, outputHeight, outputWidth, outputChannels]`, overwritten.
  /// - Throws: ``EngineError`` if a shape differs from the geometry, a parameter of the activation is out of
  ///   range, or OpenBLAS is not usable.
  public func forward(
    _ input: Tensor, kernel: Tensor, bias: Tensor? = nil, activation: Activation = .identity,
    into output: inout Tensor
  ) throws(EngineError) {
    try EngineError.require(input, geometry.inputShape, "the input")
    try EngineError.require(kernel, geometry.kernelShape, "the kernel")
    if let bias { try EngineError.require(bias, [geometry.outputChannels], "the bias") }
    try EngineError.require(output, geometry.outputShape, "the output")
    try EngineError.shapes { () throws(ShapeError) in try activation.validate() }
    try BLAS.requireUsable()
    (bias ?? Convolution.noBias).withUnsafeScalars { biasScalars in
      run(forwardPass, reading: input, kernel, into: &output) { input, kernel, output, shared in
        .forward(
          input: input, kernel: kernel, output: output, shared: shared,
          epilogue: Epilogue(
            bias: bias == nil ? nil : biasScalars, activation: activation))
      }
    }
    if !activation.isElementwise {
      output.withUnsafeMutableScalars {
        ckernels_softmax_rows($0, Int64(geometry.pixels), Int64(geometry.outputChannels))
      }
    }
  }

  /// Computes the input gradient into a tensor that the caller owns.
  ///
  /// - Parameters:
  ///   - outputGradient: `[batch, outputHeight, outputWidth, outputChannels]`.
  ///   - kernel: `[height, width, inputChannels / groups, outputChannels]`.
  ///   - inputGradient: `[batch, height, width, inputChannels]`, overwritten.
  /// - Throws: ``EngineError`` if a shape differs from the geometry, or OpenBLAS is not usable.
  public func inputGradient(
    of outputGradient: Tensor, kernel: Tensor, into inputGradient: inout Tensor
  ) throws(EngineError) {
    try EngineError.require(outputGradient, geometry.outputShape, "the output gradient")
    try EngineError.require(kernel, geometry.kernelShape, "the kernel")
    try EngineError.require(inputGradient, geometry.inputShape, "the input gradient")
    try BLAS.requireUsable()
    run(inputGradientPass, reading: outputGradient, kernel, into: &inputGradient) {
      .inputGradient(outputGradient: $0, kernel: $1, inputGradient: $2, shared: $3)
    }
  }

  /// Computes the kernel gradient, summed over the batch, into a tensor that the caller owns.
  ///
  /// - Parameters:
  ///   - outputGradient: `[batch, outputHeight, outputWidth, outputChannels]`.
  ///   - input: `[batch, height, width, inputChannels]`.
  ///   - kernelGradient: `[height, width, inputChannels / groups, outputChannels]`, overwritten.
  /// - Throws: ``EngineError`` if a shape differs from the geometry, or OpenBLAS is not usable.
  public func kernelGradient(
    of outputGradient: Tensor, input: Tensor, into kernelGradient: inout Tensor
  ) throws(EngineError) {
    try EngineError.require(outputGradient, geometry.outputShape, "the output gradient")
    try EngineError.require(input, geometry.inputShape, "the input")
    try EngineError.require(kernelGradient, geometry.kernelShape, "the kernel gradient")
    try BLAS.requireUsable()
    run(kernelGradientPass, reading: input, outputGradient, into: &kernelGradient) {
      .kernelGradient(input: $0, outputGradient: $1, kernelGradient: $2, shared: $3)
    }
  }

  /// Computes the bias gradient, summed over batch and pixels, into a tensor that the caller owns.
  ///
  /// - Parameters:
  ///   - outputGradient: `[batch, outputHeight, outputWidth, outputChannels]`.
  ///   - biasGradient: `[outputChannels]`, overwritten.
  /// - Throws: ``EngineError`` if a shape differs from the geometry.
  public func biasGradient(of outputGradient: Tensor, into biasGradient: inout Tensor) throws(EngineError) {
    try EngineError.require(outputGradient, geometry.outputShape, "the output gradient")
    try EngineError.require(biasGradient, [geometry.outputChannels], "the bias gradient")
    let sums = BiasGradient(geometry)
    outputGradient.withUnsafeScalars { outputGradient in
      biasGradient.withUnsafeMutableScalars { result in
        options.workers.withScratch(sums.sharedFloats) { shared in
          sums.run(outputGradient, into: result, shared: shared, workers: options.workers)
        }
      }
    }
  }

  /// Runs a pass that reads two tensors.
  ///
  /// - Parameter operands: names the two, the result, and the memory that the units share.
  private func run(
    _ pass: any ConvolutionPass, reading first: Tensor, _ second: Tensor, into result: inout Tensor,
    operands: (
      UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> PassOperands
  ) {
    // An empty batch has no products, and every sum over it is zero.
    guard geometry.pixels > 0 else {
      result = Tensor(zeros: result.shape)
      return
    }
    first.withUnsafeScalars { first in
      second.withUnsafeScalars { second in
        result.withUnsafeMutableScalars { result in
          let shared = CacheLine.rounded(pass.sharedFloats)
          options.workers.withScratch(shared + pass.scratchStep * options.workers.count) { memory in
            pass.run(
              operands(first, second, result, memory), workers: options.workers, scratch: memory + shared)
          }
        }
      }
    }
  }

  private static let noBias = Tensor(zeros: [0])
}
