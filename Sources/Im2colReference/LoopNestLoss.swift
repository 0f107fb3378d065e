import Glibc

/// A loss of one image, and its gradient with respect to the outputs.
package struct LoopNestLoss: Sendable {
  /// Whether the outputs are probabilities, whose logarithm the loss takes.
  package let isOfProbabilities: Bool
  private let ofImage: @Sendable (_ outputs: [Double], _ targets: [Double]) -> (Double, [Double])

  private init(
    isOfProbabilities: Bool = false, _ ofImage: @escaping @Sendable ([Double], [Double]) -> (Double, [Double])
  ) {
    (self.isOfProbabilities, self.ofImage) = (isOfProbabilities, ofImage)
  }

  /// Returns the mean loss of a batch and its gradient with respect to the outputs.
  ///
  /// - Parameters:
  ///   - outputs: `[batch, features]`.
  ///   - targets: `[batch, features]`.
  package func mean(
    outputs: DoubleTensor, targets: DoubleTensor
  ) -> (loss: Double, gradient: DoubleTensor) {
    let (loss, gradient) = sum(outputs: outputs, targets: targets)
    let batch = Double(outputs.shape[0])
    return (loss / batch, gradient.map { $0 / batch })
  }

  /// Returns the sum of the losses of a batch and its gradient with respect to the outputs.
  ///
  /// - Parameters:
  ///   - outputs: `[batch, features]`.
  ///   - targets: `[batch, features]`.
  package func sum(
    outputs: DoubleTensor, targets: DoubleTensor
  ) -> (loss: Double, gradient: DoubleTensor) {
    precondition(outputs.shape == targets.shape, "targets \(targets.shape) for outputs \(outputs.shape)")
    var (loss, gradient) = (0.0, DoubleTensor(shape: outputs.shape, scalars: []))
    for (row, target) in zip(LoopNestActivations.rows(of: outputs), LoopNestActivations.rows(of: targets)) {
      let (one, slope) = ofImage(row, target)
      loss += one
      gradient.scalars += slope
    }
    return (loss, gradient)
  }

  /// Returns the loss of the results of a function of the targets.
  package func mappingTargets(_ transform: @escaping @Sendable ([Double]) -> [Double]) -> LoopNestLoss {
    LoopNestLoss(isOfProbabilities: isOfProbabilities) { [ofImage] outputs, targets in
      ofImage(outputs, transform(targets))
    }
  }

  /// `-sum over c of t[c] * log(p[c])` of probabilities.
  package static let crossEntropy = LoopNestLoss(isOfProbabilities: true) { outputs, targets in
    // A class without a target contributes nothing, whatever its probability.
    let terms = zip(outputs, targets).map { p, t in t == 0 ? 0 : -t * log(p) }
    return (terms.reduce(0, +), zip(outputs, targets).map { p, t in t == 0 ? 0 : -t / p })
  }

  /// The cross-entropy of the softmax of logits; gradient
  /// `sum of t * softmax(x) - t`.
  package static let softmaxCrossEntropy = LoopNestLoss { outputs, targets in
    // Subtracting the largest logit keeps the ratios and prevents overflow.
    let top = outputs.max() ?? 0
    let logOfSum = log(outputs.map { exp($0 - top) }.reduce(0, +)) + top
    let terms = zip(outputs, targets).map { x, t in t == 0 ? 0 : t * (logOfSum - x) }
    let total = targets.reduce(0, +)
    return (terms.reduce(0, +), zip(outputs, targets).map { x, t in total * exp(x - logOfSum) - t })
  }

  /// The cross-entropy of the softmax of logits with label smoothing and class weights:
  ///
  ///     loss = - sum over c of weights[c] * t[c] * log(softmax(x)[c])    t = (1 - s) * target + s / classes
  ///
  /// - Parameters:
  ///   - smoothing: the part s of every target that is spread over all classes.
  ///   - weights: one for each class.
  package static func softmaxCrossEntropy(smoothing: Double, weights: [Double]) -> LoopNestLoss {
    LoopNestLoss { outputs, targets in
      let smooth = zip(targets, weights).map { t, w in
        w * ((1 - smoothing) * t + smoothing / Double(targets.count))
      }
      return softmaxCrossEntropy.ofImage(outputs, smooth)
    }
  }

  /// The mean over the outputs of `-t * log(p) - (1 - t) * log(1 - p)` of probabilities.
  package static let binaryCrossEntropy = LoopNestLoss(isOfProbabilities: true) { outputs, targets in
    let count = Double(outputs.count)
    let terms = zip(outputs, targets).map { p, t in
      (t == 0 ? 0 : -t * log(p)) - (t == 1 ? 0 : (1 - t) * log(1 - p))
    }
    let slopes = zip(outputs, targets).map { p, t in ((p - t) / (p * (1 - p))) / count }
    return (terms.reduce(0, +) / count, slopes)
  }

  /// The binary cross-entropy of the sigmoid of logits: the mean of `log(1 + exp(x)) - t * x`.
  package static let sigmoidBinaryCrossEntropy = LoopNestLoss { outputs, targets in
    let count = Double(outputs.count)
    // log(1 + exp(x)) without overflow.
    let terms = zip(outputs, targets).map { x, t in max(x, 0) + log1p(exp(-abs(x))) - t * x }
    let slopes = zip(outputs, targets).map { x, t in (1 / (1 + exp(-x)) - t) / count }
    return (terms.reduce(0, +) / count, slopes)
  }

  /// The mean over the outputs of `(y - t)^2`.
  package static let meanSquaredError = LoopNestLoss { outputs, targets in
    let count = Double(outputs.count)
    let terms = zip(outputs, targets).map { y, t in (y - t) * (y - t) }
    return (terms.reduce(0, +) / count, zip(outputs, targets).map { y, t in 2 * (y - t) / count })
  }
}

extension DoubleTensor {
  /// Creates one-hot rows, `[labels, classes]`.
  package init(oneHot labels: [Int], classes: Int) {
    self.init(zeros: [labels.count, classes])
    for (row, label) in labels.enumerated() { scalars[row * classes + label] = 1 }
  }
}
