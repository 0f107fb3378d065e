import CKernels
import Im2col

/// Computes the softmax cross-entropy of logits: the mean over the batch of
/// `- sum over c of labels[b, c] * log(softmax(logits[b])[c])`.
///
///     log(softmax(x)[c]) = x[c] - m - log(sum over k of exp(x[k] - m)),   m = max x
///     gradient[b, c] = (softmax(logits[b])[c] - labels[b, c]) / batch
///
/// The loss is summed in Double in the order of the batch. Classes with label 0 do not contribute to the
/// loss, even if their logit is infinite. The gradient assumes that the labels of an image sum to 1.
///
/// - Parameters:
///   - logits: `[batch, classes]`.
///   - labels: `[batch, classes]`, one-hot or distributions.
/// - Returns: the mean loss, `softmax(logits)`, and the gradient of the loss with respect to the logits, both
///   `[batch, classes]`.
/// - Throws: `EngineError.shape` when shapes do not match, or the batch is empty.
/// - Complexity: O(`batch * classes`).
public func softmaxCrossEntropy(
  logits: Tensor, labels: Tensor
) throws(EngineError) -> (loss: Double, probabilities: Tensor, gradient: Tensor) {
  var probabilities = Tensor(zeros: logits.shape)
  var gradient = Tensor(zeros: logits.shape)
  let loss = try softmaxCrossEntropy(
    logits: logits, labels: labels, intoProbabilities: &probabilities, gradient: &gradient)
  return (loss, probabilities, gradient)
}

/// Computes the softmax cross-entropy of logits into storage that the caller owns.
///
/// - Parameters:
///   - logits: `[batch, classes]`.
///   - labels: `[batch, classes]`, one-hot or distributions.
///   - probabilities: `[batch, classes]`; overwritten.
///   - gradient: `[batch, classes]`; overwritten.
/// - Returns: the mean loss.
/// - Throws: `EngineError.shape` when shapes do not match, or the batch is empty. On an error,
///   nothing is written.
public func softmaxCrossEntropy(
  logits: Tensor, labels: Tensor, intoProbabilities probabilities: inout Tensor, gradient: inout Tensor
) throws(EngineError) -> Double {
  guard logits.shape.count == 2 else {
    throw .shape(.rank("the logits", axes: ["batch", "classes"], actual: logits.shape))
  }
  try EngineError.require(labels, logits.shape, "the labels")
  try EngineError.require(probabilities, logits.shape, "the probabilities")
  try EngineError.require(gradient, logits.shape, "the gradient")
  let (batch, classes) = (logits.shape[0], logits.shape[1])
  guard batch > 0 else {
    throw .shape(.notPositive("the batch (the loss of an empty batch has no value)", value: batch))
  }
  guard classes > 0 else { throw .shape(.notPositive("the number of classes", value: classes)) }
  return logits.withUnsafeScalars { logits in
    labels.withUnsafeScalars { labels in
      probabilities.withUnsafeMutableScalars { probabilities in
        gradient.withUnsafeMutableScalars { gradient in
          var correct: Int64 = 0
          let sum = ckernels_softmax_cross_entropy(
            Int64(batch), Int64(classes), logits, labels, 1 / Float(batch), probabilities, gradient, &correct)
          return sum / Double(batch)
        }
      }
    }
  }
}
