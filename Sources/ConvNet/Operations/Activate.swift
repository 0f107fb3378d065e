import Im2col

/// Applies a function to every number; softmax to every row along the last axis.
///
/// - Parameters:
///   - input: any shape.
///   - activation: the function.
/// - Returns: the shape of `input`.
/// - Throws: `EngineError.shape` when softmax is asked of a single number.
/// - Complexity: O(*n*) where *n* is the number of scalars.
public func activate(_ input: Tensor, _ activation: Activation) throws(EngineError) -> Tensor {
  var output = Tensor(zeros: input.shape)
  try activate(input, activation, into: &output)
  return output
}

/// The same into storage that the caller owns; see the form that returns a tensor.
///
/// - Parameters:
///   - input: any shape; softmax works on its last axis.
///   - activation: the function.
///   - output: the shape of `input`; overwritten.
/// - Throws: also when `output` has another shape; nothing is written then.
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

/// The gradient of an activation's input: `outputGradient * f'`, with `f'` told from the output.
///
/// - Parameters:
///   - outputGradient: any shape.
///   - output: what `activate` returned; the same shape.
///   - activation: the function.
/// - Returns: the same shape.
/// - Throws: `EngineError.shape` when the shapes differ, or when softmax is asked of a single number.
public func activationGradient(
  of outputGradient: Tensor, output: Tensor, _ activation: Activation
) throws(EngineError) -> Tensor {
  var inputGradient = Tensor(zeros: output.shape)
  try activationGradient(of: outputGradient, output: output, activation, into: &inputGradient)
  return inputGradient
}

/// The same into storage that the caller owns; see the form that returns a tensor.
///
/// - Parameters:
///   - outputGradient: the shape of `output`.
///   - output: what the forward pass returned.
///   - activation: as in the forward pass.
///   - inputGradient: the shape of `output`; overwritten.
/// - Throws: also when `inputGradient` has another shape; nothing is written then.
public func activationGradient(
  of outputGradient: Tensor, output: Tensor, _ activation: Activation, into inputGradient: inout Tensor
) throws(EngineError) {
  try EngineError.require(outputGradient, output.shape, "the output's gradient")
  try EngineError.require(inputGradient, output.shape, "the input's gradient")
  let row = try rowLength(of: output, for: activation)
  outputGradient.withUnsafeScalars { outputGradient in
    output.withUnsafeScalars { from in
      inputGradient.withUnsafeMutableScalars {
        activation.gradient(
          rows: output.count / row, columns: row, output: from, outputGradient: outputGradient, into: $0)
      }
    }
  }
}

/// `softmax(x)[c] = exp(x[c]) / sum over k of exp(x[k])` along the last axis.
///
/// Rows are shifted by their largest number first, so that no finite number overflows; where the largest is
/// infinite, those that are share 1.
///
/// - Parameter logits: any shape with at least one axis.
/// - Returns: the same shape; rows sum to 1.
/// - Throws: `EngineError.shape` for a single number.
public func softmax(_ logits: Tensor) throws(EngineError) -> Tensor {
  try activate(logits, .softmax)
}

/// The same into storage that the caller owns.
///
/// - Throws: also when `output` has another shape; nothing is written then.
public func softmax(_ logits: Tensor, into output: inout Tensor) throws(EngineError) {
  try activate(logits, .softmax, into: &output)
}

/// The length of the rows that an activation works on; 1 for those that take each number alone.
private func rowLength(of tensor: Tensor, for activation: Activation) throws(EngineError) -> Int {
  guard activation == .softmax else { return 1 }
  guard let last = tensor.shape.last else {
    throw .shape(.rank("the input of softmax", axes: ["...", "classes"], actual: tensor.shape))
  }
  return max(last, 1)
}
