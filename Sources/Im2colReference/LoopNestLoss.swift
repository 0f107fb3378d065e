import Glibc
import Im2col

/// Losses by their definitions, in Double.
package enum LoopNestLoss {
  /// Returns the mean loss of a batch, its gradient `(softmax - onehot) / batch`, and the probabilities.
  ///
  /// - Parameters:
  ///   - logits: `[batch, classes]`.
  ///   - labels: the class of every image.
  package static func softmaxCrossEntropy(
    logits: DoubleTensor, labels: [Int]
  ) -> (loss: Double, gradient: DoubleTensor, probabilities: DoubleTensor) {
    let probabilities = LoopNestActivations.forward(.softmax, logits)
    let classes = logits.shape[1]
    var (loss, gradient) = (0.0, probabilities)
    for (image, row) in LoopNestActivations.rows(of: logits).enumerated() {
      let top = row.max() ?? 0
      loss += log(row.map { exp($0 - top) }.reduce(0, +)) + top - row[labels[image]]
      gradient.scalars[image * classes + labels[image]] -= 1
    }
    let batch = Double(labels.count)
    return (loss / batch, gradient.map { $0 / batch }, probabilities)
  }

  /// Returns the sum over rows of softmax cross-entropy with label smoothing and class weights, and its gradient.
  ///
  ///     loss = - sum over rows and c of weights[c] * t[c] * log(p[c])     t = (1 - s) * target + s / classes
  ///
  /// - Parameters:
  ///   - logits: `[batch, classes]`.
  ///   - targets: `[batch, classes]`.
  ///   - smoothing: the part s of every target that is spread over all classes.
  ///   - weights: one for each class.
  package static func softmaxCrossEntropy(
    logits: DoubleTensor, targets: DoubleTensor, smoothing: Double, weights: [Double]
  ) -> (loss: Double, gradient: DoubleTensor) {
    let probabilities = LoopNestActivations.forward(.softmax, logits)
    let classes = logits.shape[1]
    var (loss, gradient) = (0.0, probabilities)
    for row in 0..<logits.shape[0] {
      let indices = row * classes..<(row + 1) * classes
      let weighted = indices.map {
        weights[$0 - indices.lowerBound]
          * ((1 - smoothing) * targets.scalars[$0] + smoothing / Double(classes))
      }
      let total = weighted.reduce(0, +)
      for (c, index) in indices.enumerated() {
        loss -= weighted[c] * log(probabilities.scalars[index])
        gradient.scalars[index] = probabilities.scalars[index] * total - weighted[c]
      }
    }
    return (loss, gradient)
  }

  /// Returns the sum over rows of the mean sigmoid cross-entropy over outputs, and its gradient.
  ///
  /// - Parameters:
  ///   - logits: `[batch, outputs]`.
  ///   - targets: `[batch, outputs]`, in 0...1.
  package static func sigmoidCrossEntropy(
    logits: DoubleTensor, targets: DoubleTensor
  ) -> (loss: Double, gradient: DoubleTensor) {
    let outputs = Double(logits.shape[1])
    var (loss, gradient) = (0.0, logits)
    for (index, (x, t)) in zip(logits.scalars, targets.scalars).enumerated() {
      loss += (t * log1p(exp(-x)) + (1 - t) * log1p(exp(x))) / outputs
      gradient.scalars[index] = (1 / (1 + exp(-x)) - t) / outputs
    }
    return (loss, gradient)
  }

  /// Returns the sum over rows of the mean squared error over outputs, and its gradient.
  ///
  /// - Parameters:
  ///   - values: `[batch, outputs]`.
  ///   - targets: `[batch, outputs]`.
  package static func meanSquaredError(
    _ values: DoubleTensor, targets: DoubleTensor
  ) -> (loss: Double, gradient: DoubleTensor) {
    let outputs = Double(values.shape[1])
    var (loss, gradient) = (0.0, values)
    for (index, (y, t)) in zip(values.scalars, targets.scalars).enumerated() {
      loss += (y - t) * (y - t) / outputs
      gradient.scalars[index] = 2 * (y - t) / outputs
    }
    return (loss, gradient)
  }
}
