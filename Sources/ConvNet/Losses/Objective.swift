import CKernels
import Im2col

/// What training minimizes and reports: a loss, and metrics.
struct Objective: Sendable {
  let loss: any Loss
  let metrics: Set<Metric>

  /// The objective of evaluation before `compile`.
  static let `default` = Objective(loss: SoftmaxCrossEntropy(), metrics: [.accuracy])

  /// Returns the score of images; writes `scale` times the gradient of the loss sum if there is memory for it.
  ///
  /// - Parameters:
  ///   - outputs: `[images, count]`, before the loss's included activation.
  ///   - targets: `[images, count]`.
  ///   - gradient: `[images, count]`; nil if it is not needed.
  func score(
    images: Int, count: Int, outputs: UnsafePointer<Float>, targets: UnsafePointer<Float>, scale: Float,
    gradient: UnsafeMutablePointer<Float>?
  ) -> Score {
    let outputSpan = UnsafeBufferPointer(start: outputs, count: images * count).span
    let targetSpan = UnsafeBufferPointer(start: targets, count: images * count).span
    var score = Score()
    score.images = images
    if let loss = loss as? any SinglePassLoss {
      score.lossSum = loss.evaluate(
        outputSpan, targetSpan, images: images, scale: scale, gradient: gradient)
    } else {
      score.lossSum = loss.sum(of: outputSpan, targets: targetSpan, images: images)
      if let gradient {
        var span = UnsafeMutableBufferPointer(start: gradient, count: images * count).mutableSpan
        loss.gradient(of: outputSpan, targets: targetSpan, images: images, scale: scale, into: &span)
      }
    }
    addMetrics(to: &score, images: images, count: count, outputs: outputs, targets: targets)
    return score
  }

  /// Sums the metrics of images.
  private func addMetrics(
    to score: inout Score, images: Int, count: Int, outputs: UnsafePointer<Float>,
    targets: UnsafePointer<Float>
  ) {
    // A sigmoid is above one half where its input is above 0.
    let half: Float = loss.includedActivation == .sigmoid ? 0 : 0.5
    score.correct = Int(
      count > 1
        ? ckernels_correct(Int64(images), Int64(count), outputs, targets)
        : ckernels_binary_correct(Int64(images), outputs, targets, half))
    if metrics.contains(.binaryAccuracy) {
      let correct = withProbabilities(images, count, outputs, where: .softmax) {
        ckernels_binary_correct(Int64(images * count), $0, targets, half)
      }
      score.binaryAccuracySum = Double(correct) / Double(count)
    }
    if metrics.contains(.topFiveAccuracy) {
      score.topFiveCorrect = Int(
        ckernels_top_correct(Int64(images), Int64(count), Int64(min(5, count)), outputs, targets))
    }
    if metrics.contains(.meanAbsoluteError) {
      let sum = withProbabilities(images, count, outputs) {
        ckernels_absolute_error(Int64(images * count), $0, targets)
      }
      score.absoluteErrorSum = sum / Double(count)
    }
  }

  /// Calls `body` with the outputs after the loss's included activation.
  ///
  /// - Parameter only: the only activation that is applied; nil for any.
  private func withProbabilities<R>(
    _ images: Int, _ count: Int, _ outputs: UnsafePointer<Float>, where only: Activation? = nil,
    _ body: (UnsafePointer<Float>) -> R
  ) -> R {
    guard let activation = loss.includedActivation, only == nil || only == activation else {
      return body(outputs)
    }
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: images * count) { memory in
      guard let start = memory.baseAddress else { return body(outputs) }
      activation.apply(rows: images, columns: count, outputs, into: start)
      return body(start)
    }
  }
}
