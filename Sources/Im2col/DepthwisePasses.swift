import CKernels

/// Depthwise convolution with one output channel an input channel. A matrix product would have a single
/// column, so the sums are taken directly, with channels as vector lanes; nothing is gathered, and taps
/// outside the image are skipped.
///
/// Units are bands of rows: of the output going forward, of the input for its gradient.
package struct DepthwiseForward: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let window: ckernels_window
  let bands: EvenCut

  package let stages: [Int]
  package let scratchFloats = 0
  package let sharedFloats = 0
  package var loweringName: LoweringName { .depthwise }

  package init(_ geometry: ConvolutionGeometry, _ settings: PassSettings) {
    precondition(DepthwiseRule.allows(geometry))
    self.geometry = geometry
    window = geometry.kernelWindow
    bands = DepthwiseRule.bands(
      rows: geometry.batch * geometry.window.height.output,
      scalars: geometry.window.width.output * geometry.outputChannels)
    stages = [bands.count]
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let rows = bands[unit]
    withUnsafePointer(to: window) { window in
      ckernels_depthwise_forward(
        window, Int64(geometry.window.height.kernel), operands.input, operands.kernel, operands.bias,
        operands.activation.kernelFunction, Int64(rows.lowerBound), Int64(rows.upperBound), operands.result)
    }
  }
}

/// The input's gradient: every input row asks the output rows that read it.
package struct DepthwiseInputGradient: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let window: ckernels_window
  let bands: EvenCut

  package let stages: [Int]
  package let scratchFloats = 0
  package let sharedFloats = 0
  package var loweringName: LoweringName { .depthwise }

  package init(_ geometry: ConvolutionGeometry, _ settings: PassSettings) {
    precondition(DepthwiseRule.allows(geometry))
    self.geometry = geometry
    window = geometry.kernelWindow
    bands = DepthwiseRule.bands(
      rows: geometry.batch * geometry.window.height.input,
      scalars: geometry.window.width.input * geometry.inputChannels)
    stages = [bands.count]
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let rows = bands[unit]
    withUnsafePointer(to: window) { window in
      ckernels_depthwise_input_gradient(
        window, Int64(geometry.window.height.kernel), operands.outputGradient, operands.kernel,
        Int64(rows.lowerBound),
        Int64(rows.upperBound), operands.result)
    }
  }
}

/// The kernel's gradient: parts of the output's rows make partial sums that are added in order.
package struct DepthwiseKernelGradient: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let window: ckernels_window
  let parts: EvenCut

  package let stages: [Int]
  package let scratchFloats = 0
  package let sharedFloats: Int
  package var loweringName: LoweringName { .depthwise }

  package init(_ geometry: ConvolutionGeometry, _ settings: PassSettings) {
    precondition(DepthwiseRule.allows(geometry))
    self.geometry = geometry
    window = geometry.kernelWindow
    let rowScalars = geometry.window.width.output * geometry.outputChannels
    parts = TileRule.parts(
      total: geometry.batch * geometry.window.height.output, units: 1,
      atLeast: DepthwiseRule.bandScalars / max(1, rowScalars) + 1)
    let partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    stages = [parts.count] + partial.stages
    sharedFloats = partial.floats
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    let partial = PartialSums(count: geometry.kernelCount, parts: parts.count)
    guard stage == 0 else { return partial.add(unit: unit, operands) }
    let rows = parts[unit]
    withUnsafePointer(to: window) { window in
      ckernels_depthwise_kernel_gradient(
        window, Int64(geometry.window.height.kernel), operands.input, operands.outputGradient,
        Int64(rows.lowerBound),
        Int64(rows.upperBound), partial.accumulates(operands) ? 1 : 0, partial.target(of: unit, operands))
    }
  }
}

/// Where the direct sums apply, and how large their bands are.
enum DepthwiseRule {
  /// One output channel for each input channel, and more than one channel.
  static func allows(_ geometry: ConvolutionGeometry) -> Bool {
    geometry.isDepthwise && geometry.outputChannels == geometry.inputChannels
  }

  /// Scalars of a band: enough to outweigh handing it out, few enough to stay in cache.
  static let bandScalars = 16_384

  static func bands(rows: Int, scalars: Int) -> EvenCut {
    EvenCut(rows, atMost: max(1, bandScalars / max(1, scalars)))
  }
}
