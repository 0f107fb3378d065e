import ConvNet
import Im2col

/// The reference of a layer that pools windows.
package protocol ReferencePoolingLayer: ReferenceLayer {
  /// Max or average.
  var mode: PoolingMode { get }
  /// Whether a mean counts the padding.
  var countsPadding: Bool { get }
  /// Returns the windows over an image.
  func windows(over image: Size2D) throws(ShapeError) -> WindowGeometry
}

extension ReferencePoolingLayer {
  private var reduction: LoopNestPooling.Mode { mode == .max ? .max : .average }

  private func windows(_ run: ReferenceRun) throws(ShapeError) -> WindowGeometry {
    try windows(over: Size2D(height: run.input.shape[1], width: run.input.shape[2]))
  }

  package func pooled(_ run: ReferenceRun) throws(ShapeError) -> DoubleTensor {
    LoopNestPooling.forward(run.input, try windows(run), reduction, countsPadding: countsPadding)
  }

  package func forward(_ run: ReferenceRun) throws(ShapeError) -> DoubleTensor { try pooled(run) }

  package func gradients(
    of outputGradient: DoubleTensor, output: DoubleTensor, _ run: ReferenceRun
  ) throws(ShapeError) -> ReferenceGradients {
    let gradient = LoopNestPooling.gradient(
      of: outputGradient, input: run.input, try windows(run), reduction, countsPadding: countsPadding)
    return ReferenceGradients(inputs: [gradient])
  }

  package func kinkDistance(_ run: ReferenceRun) throws(ShapeError) -> Double {
    guard mode == .max else { return .infinity }
    let largest = run.input.scalars.map(abs).max() ?? 0
    return LoopNestPooling.smallestLead(run.input, try windows(run)) / largest
  }
}

extension PoolingLayer: ReferencePoolingLayer {
  package func windows(over image: Size2D) throws(ShapeError) -> WindowGeometry {
    try WindowGeometry(
      input: image, kernel: window, stride: stride, dilation: dilation, padding: padding, roundsUp: roundsUp)
  }
}

extension GlobalPoolingLayer: ReferencePoolingLayer {
  package var countsPadding: Bool { false }

  package func windows(over image: Size2D) throws(ShapeError) -> WindowGeometry {
    try WindowGeometry(input: image, kernel: image, stride: 1)
  }

  /// `[batch, channels]`.
  package func forward(_ run: ReferenceRun) throws(ShapeError) -> DoubleTensor {
    try pooled(run).reshaped(to: [run.input.shape[0], run.input.shape[3]])
  }
}
