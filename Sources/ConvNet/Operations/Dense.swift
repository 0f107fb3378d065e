import CKernels
import Im2col

/// Computes a dense layer: `output[b, o] = activation(bias[o] + sum over i of input[b, i] * kernel[i, o])`.
///
/// - Parameters:
///   - input: `[batch, inputs]`; an empty batch gives an empty output.
///   - kernel: `[inputs, outputs]`.
///   - bias: `[outputs]`, or nil for none.
///   - activation: the activation, applied after the bias.
///   - options: the workers; blocks of columns are divided among them.
/// - Returns: `[batch, outputs]`.
/// - Throws: `EngineError.shape` when shapes do not match, or a parameter of the activation is out of range;
///   `EngineError.blas` when the OpenBLAS of this process is not usable.
/// - Complexity: `2 * batch * inputs * outputs` floating-point operations.
public func dense(
  _ input: Tensor, kernel: Tensor, bias: Tensor? = nil, activation: Activation = .identity,
  options: ComputeOptions = .default
) throws(EngineError) -> Tensor {
  let layer = try DenseShape(input: input, kernel: kernel)
  var output = Tensor(zeros: [layer.batch, layer.outputs])
  try dense(input, kernel: kernel, bias: bias, activation: activation, into: &output, options: options)
  return output
}

/// Computes a dense layer into storage that the caller owns.
///
/// - Parameters:
///   - input: `[batch, inputs]`.
///   - kernel: `[inputs, outputs]`.
///   - bias: `[outputs]`, or nil for none.
///   - activation: the activation, applied after the bias.
///   - output: `[batch, outputs]`; overwritten.
///   - options: the workers; blocks of columns are divided among them.
/// - Throws: `EngineError.shape` when shapes do not match; `EngineError.blas` when OpenBLAS is not usable.
///   On an error, `output` is unchanged.
public func dense(
  _ input: Tensor, kernel: Tensor, bias: Tensor? = nil, activation: Activation = .identity,
  into output: inout Tensor, options: ComputeOptions = .default
) throws(EngineError) {
  try BLAS.requireUsable()
  let layer = try DenseShape(input: input, kernel: kernel)
  try EngineError.require(output, [layer.batch, layer.outputs], "the output")
  if let bias { try EngineError.require(bias, [layer.outputs], "the bias") }
  try EngineError.shapes { () throws(ShapeError) in try activation.validate() }
  guard layer.batch > 0 else { return }
  input.withUnsafeScalars { input in
    kernel.withUnsafeScalars { kernel in
      output.withUnsafeMutableScalars { output in
        func run(_ bias: UnsafePointer<Float>?) {
          layer.withContext(options) { products, context in
            products.forward(
              images: layer.batch, input, kernel: kernel, bias: bias,
              activation.isElementwise ? activation : .identity, into: output, context)
          }
        }
        if let bias { bias.withUnsafeScalars { run($0) } } else { run(nil) }
        if !activation.isElementwise {
          activation.apply(rows: layer.batch, columns: layer.outputs, output, into: output)
        }
      }
    }
  }
}

/// Returns the gradients of a dense layer without activation, given the output gradient.
///
///     kernelGradient = input^T * outputGradient        inputGradient = outputGradient * kernel^T
///     biasGradient = sum over the batch of outputGradient
///
/// - Parameters:
///   - outputGradient: `[batch, outputs]`.
///   - input: `[batch, inputs]`, as in the forward pass.
///   - kernel: `[inputs, outputs]`, as in the forward pass.
///   - options: the workers; blocks of the kernel's rows are divided among them.
/// - Returns: the input, kernel and bias gradients; an empty batch gives zeros.
/// - Throws: `EngineError.shape` when shapes do not match; `EngineError.blas` when OpenBLAS is not usable.
/// - Complexity: `4 * batch * inputs * outputs` floating-point operations.
public func denseGradients(
  of outputGradient: Tensor, input: Tensor, kernel: Tensor, options: ComputeOptions = .default
) throws(EngineError) -> (input: Tensor, kernel: Tensor, bias: Tensor) {
  let layer = try DenseShape(input: input, kernel: kernel)
  var gradients = (
    input: Tensor(zeros: input.shape), kernel: Tensor(zeros: kernel.shape),
    bias: Tensor(zeros: [layer.outputs])
  )
  try denseGradients(
    of: outputGradient, input: input, kernel: kernel, intoInput: &gradients.input, kernel: &gradients.kernel,
    bias: &gradients.bias, options: options)
  return gradients
}

/// Computes the gradients of a dense layer without activation, into storage that the caller owns.
///
/// - Parameters:
///   - outputGradient: `[batch, outputs]`.
///   - input: `[batch, inputs]`, as in the forward pass.
///   - kernel: `[inputs, outputs]`, as in the forward pass.
///   - inputGradient: `[batch, inputs]`; overwritten.
///   - kernelGradient: `[inputs, outputs]`; overwritten.
///   - biasGradient: `[outputs]`; overwritten.
///   - options: the workers; blocks of the kernel's rows are divided among them.
/// - Throws: `EngineError.shape` when shapes do not match; `EngineError.blas` when OpenBLAS is not usable.
///   On an error, nothing is written.
public func denseGradients(
  of outputGradient: Tensor, input: Tensor, kernel: Tensor, intoInput inputGradient: inout Tensor,
  kernel kernelGradient: inout Tensor, bias biasGradient: inout Tensor, options: ComputeOptions = .default
) throws(EngineError) {
  try BLAS.requireUsable()
  let layer = try DenseShape(input: input, kernel: kernel)
  try EngineError.require(outputGradient, [layer.batch, layer.outputs], "the output gradient")
  try EngineError.require(inputGradient, input.shape, "the input gradient")
  try EngineError.require(kernelGradient, kernel.shape, "the kernel gradient")
  try EngineError.require(biasGradient, [layer.outputs], "the bias gradient")
  guard layer.batch > 0 else {
    kernelGradient = Tensor(zeros: kernel.shape)
    biasGradient = Tensor(zeros: [layer.outputs])
    return
  }
  outputGradient.withUnsafeScalars { outputGradient in
    input.withUnsafeScalars { input in
      kernel.withUnsafeScalars { kernel in
        inputGradient.withUnsafeMutableScalars { inputGradient in
          layer.withContext(options) { products, context in
            products.inputGradient(
              images: layer.batch, outputGradient: outputGradient, kernel: kernel, into: inputGradient,
              context)
          }
        }
      }
      kernelGradient.withUnsafeMutableScalars { kernelGradient in
        layer.withContext(options) { products, context in
          products.kernelGradient(
            images: layer.batch, input: input, outputGradient: outputGradient, into: kernelGradient,
            accumulate: false, context)
        }
      }
    }
    biasGradient.withUnsafeMutableScalars { biasGradient in
      ckernels_sum_rows(
        outputGradient, Int64(layer.batch), Int64(layer.outputs), Int64(layer.outputs), biasGradient, 0)
    }
  }
}

/// The validated sizes of a dense layer.
private struct DenseShape {
  let batch, inputs, outputs: Int

  /// Calls `body` with the products, and a context of all workers with their scratch.
  func withContext(_ options: ComputeOptions, _ body: (DenseProducts, ExecutionContext) -> Void) {
    let products = DenseProducts(
      inputs: inputs, units: outputs, scratchBudget: OpSettings.PassOptions(options).scratchFloats)
    let stride = CacheLine.rounded(products.scratchFloats(images: batch, gradients: true))
    options.workers.withScratch(options.workers.count * stride) { scratch in
      body(
        products,
        ExecutionContext(
          workers: options.workers, sharedScratch: scratch, workerScratch: scratch,
          workerScratchStride: stride))
    }
  }

  init(input: Tensor, kernel: Tensor) throws(EngineError) {
    guard input.shape.count == 2 else {
      throw .shape(.rank("the input", axes: ["batch", "features"], actual: input.shape))
    }
    guard kernel.shape.count == 2 else {
      throw .shape(.rank("the kernel", axes: ["inputs", "outputs"], actual: kernel.shape))
    }
    guard kernel.shape[0] == input.shape[1] else {
      throw .shape(
        .mismatch("the kernel", expected: [input.shape[1], kernel.shape[1]], actual: kernel.shape))
    }
    (batch, inputs, outputs) = (input.shape[0], input.shape[1], kernel.shape[1])
    let sizes = (batch, inputs, outputs)
    try EngineError.shapes { () throws(ShapeError) in
      try ShapeError.requireNonNegative(sizes.0, "the batch")
      try ShapeError.requirePositive(sizes.1, "the number of input features")
      try ShapeError.requirePositive(sizes.2, "the number of outputs")
      _ = try ShapeError.elementCount(of: [sizes.0, sizes.2], named: "output")
    }
  }
}
