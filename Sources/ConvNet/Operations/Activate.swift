import Im2col

/// Applies an activation: elementwise, or softmax along the last axis.
///
/// - Parameters:
///   - input: a tensor of any shape.
///   - activation: the activation function.
/// - Returns: a tensor of the shape of `input`.
/// - Throws: `EngineError.shape` for a parameter that is out of range, or a softmax of a tensor without axes.
/// - Complexity: O(*n*) where *n* is the number of scalars.
public func activate(_ input: Tensor, _ activation: Activation) throws(EngineError) -> Tensor {
  var output = Tensor(zeros: input.shape)
  try activate(input, activation, into: &output)
  return output
}

/// Applies an activation, into storage that the caller owns.
///
/// - Parameters:
///   - input: a tensor of any shape.
///   - activation: the activation function.
///   - output: a tensor of the shape of `input`; overwritten.
/// - Throws: `EngineError.shape` when the shapes differ, or for a softmax of a tensor without axes. On an
///   error, `output` is unchanged.
public func activate(_ input: Tensor, _ activation: Activation, into output: inout Tensor) throws(EngineError)
{
  try EngineError.require(output, input.shape, "the output")
  let row = try rowLength(of: input, for: activation)
  input.withUnsafeScalars { from in
    output.withUnsafeMutableScalars {
      activation.apply(rows: input.count / row, columns: row, from, into: $0)
    }
  }
}

/// Returns the input gradient of an activation: `outputGradient * f'`, with `f'` computed from the output.
///
/// - Parameters:
///   - outputGradient: a tensor of the shape of `output`.
///   - output: the result of `activate`.
///   - activation: the activation function; not one that `Activation.needsInput`.
/// - Returns: a tensor of the shape of `output`.
/// - Throws: `EngineError.shape` when the shapes differ, a parameter is out of range, the derivative does not
///   follow from the output, or for a softmax of a tensor without axes.
public func activationGradient(
  of outputGradient: Tensor, output: Tensor, _ activation: Activation
) throws(EngineError) -> Tensor {
  var inputGradient = Tensor(zeros: output.shape)
  try activationGradient(of: outputGradient, output: output, activation, into: &inputGradient)
  return inputGradient
}

/// Returns the input gradient of an activation: `outputGradient * f'`, with `f'` computed from the input.
///
/// - Parameters:
///   - outputGradient: a tensor of the shape of `input`.
///   - input: the argument of `activate`.
///   - activation: the activation function.
/// - Returns: a tensor of the shape of `input`.
/// - Throws: `EngineError.shape` when the shapes differ, a parameter is out of range, or for a softmax of a
///   tensor without axes.
public func activationGradient(
  of outputGradient: Tensor, input: Tensor, _ activation: Activation
) throws(EngineError) -> Tensor {
  var inputGradient = Tensor(zeros: input.shape)
  try activationGradient(of: outputGradient, input: input, activation, into: &inputGradient)
  return inputGradient
}

/// Computes the input gradient of an activation from its output, into storage that the caller owns.
///
/// - Parameters:
///   - outputGradient: a tensor of the shape of `output`.
///   - output: the result of `activate`.
///   - activation: the activation function; not one that `Activation.needsInput`.
///   - inputGradient: a tensor of the shape of `output`; overwritten.
/// - Throws: the errors of the overload that returns a tensor; also when `inputGradient` has another shape.
///   On an error, `inputGradient` is unchanged.
public func activationGradient(
  of outputGradient: Tensor, output: Tensor, _ activation: Activation, into inputGradient: inout Tensor
) throws(EngineError) {
  guard !activation.needsInput else {
    throw .shape(
      .unsupported(
        "the derivative of \(activation) does not follow from its output; pass the input, as `input:`"))
  }
  try gradient(of: outputGradient, values: output, activation, into: &inputGradient)
}

/// Computes the input gradient of an activation from its input, into storage that the caller owns.
///
/// - Parameters:
///   - outputGradient: a tensor of the shape of `input`.
///   - input: the argument of `activate`.
///   - activation: the activation function.
///   - inputGradient: a tensor of the shape of `input`; overwritten.
/// - Throws: the errors of the overload that returns a tensor; also when `inputGradient` has another shape.
///   On an error, `inputGradient` is unchanged.
public func activationGradient(
  of outputGradient: Tensor, input: Tensor, _ activation: Activation, into inputGradient: inout Tensor
) throws(EngineError) {
  let values = activation.needsInput ? input : try activate(input, activation)
  try gradient(of: outputGradient, values: values, activation, into: &inputGradient)
}

/// `softmax(x)[c] = exp(x[c]) / sum over k of exp(x[k])` along the last axis.
///
/// The maximum of each row is subtracted first, so finite logits do not overflow. If the maximum is infinite,
/// all infinite logits of the row get equal probabilities and the others 0.
///
/// - Parameter logits: a tensor with at least one axis.
/// - Returns: a tensor of the same shape, whose rows sum to 1.
/// - Throws: `EngineError.shape` for a tensor without axes.
public func softmax(_ logits: Tensor) throws(EngineError) -> Tensor {
  try activate(logits, .softmax)
}

/// Computes the softmax along the last axis, into storage that the caller owns.
///
/// - Parameters:
///   - logits: a tensor with at least one axis.
///   - output: a tensor of the same shape; overwritten.
/// - Throws: `EngineError.shape` when the shapes differ, or for a tensor without axes. On an error,
///   `output` is unchanged.
public func softmax(_ logits: Tensor, into output: inout Tensor) throws(EngineError) {
  try activate(logits, .softmax, into: &output)
}

/// Multiplies an output gradient by the derivative.
///
/// - Parameter values: the output, or the input of a function that needs it.
private func gradient(
  of outputGradient: Tensor, values: Tensor, _ activation: Activation, into inputGradient: inout Tensor
) throws(EngineError) {
  try EngineError.require(outputGradient, values.shape, "the output gradient")
  try EngineError.require(inputGradient, values.shape, "the input gradient")
  let row = try rowLength(of: values, for: activation)
  outputGradient.withUnsafeScalars { outputGradient in
    values.withUnsafeScalars { from in
      inputGradient.withUnsafeMutableScalars {
        activation.gradient(
          rows: values.count / row, columns: row, values: from, outputGradient: outputGradient, into: $0)
      }
    }
  }
}

/// Returns the length of the rows of a softmax, and 1 for elementwise activations.
///
/// - Throws: `EngineError.shape` for a parameter that is out of range, or a softmax without axes.
private func rowLength(of tensor: Tensor, for activation: Activation) throws(EngineError) -> Int {
  try EngineError.shapes { () throws(ShapeError) in try activation.validate() }
  guard !activation.isElementwise else { return 1 }
  guard let last = tensor.shape.last else {
    throw .shape(.rank("the input of softmax", axes: ["...", "classes"], actual: tensor.shape))
  }
  return max(last, 1)
}
