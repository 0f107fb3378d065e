import ConvNet
import Im2col

/// A loss with a reference.
package protocol ReferenceLoss: Loss {
  /// Returns the reference for the outputs of a network that ends in an activation.
  func reference(after activation: Activation) -> LoopNestLoss
}

extension SoftmaxCrossEntropy: ReferenceLoss {
  package func reference(after activation: Activation) -> LoopNestLoss {
    let loss: LoopNestLoss = activation == .softmax ? .crossEntropy : .softmaxCrossEntropy
    let smoothing = Double(labelSmoothing)
    return loss.mappingTargets { [classWeights] targets in
      targets.enumerated().map { index, t in
        let smooth = (1 - smoothing) * t + smoothing / Double(targets.count)
        return (classWeights.map { Double($0[index]) } ?? 1) * smooth
      }
    }
  }
}

extension BinaryCrossEntropy: ReferenceLoss {
  package func reference(after activation: Activation) -> LoopNestLoss {
    activation == .sigmoid ? .binaryCrossEntropy : .sigmoidBinaryCrossEntropy
  }
}

extension MeanSquaredError: ReferenceLoss {
  package func reference(after activation: Activation) -> LoopNestLoss { .meanSquaredError }
}
