import CKernels

/// Input gradient at stride 1, as a convolution: the output gradient, padded to the size of the input, with
/// the kernel rotated by 180 degrees and its channel axes exchanged.
///
///     inputGradient[y, x, c] = sum over u, v, o of
///         outputGradient[y + top - u * dilation, x + left - v * dilation, o] * kernel[u, v, c, o]
///
/// It gathers where col2im scatters, so every forward lowering can compute it. Source: Dumoulin and Visin, "A
/// guide to convolution arithmetic for deep learning" (2016), section 4.
package struct RotatedInputGradient: ConvolutionPass {
  let geometry: ConvolutionGeometry
  let forward: any ConvolutionPass
  /// The groups of a unit that rotates a tap.
  private let groups: EvenCut

  /// Scalars that amortize the start of a unit; a depthwise kernel has one scalar per tap and group.
  private static let scalarsOfUnit = 4_096

  package let stages: [Int]
  package var scratchFloats: Int { forward.scratchFloats }
  package var sharedFloats: Int { kernelFloats + forward.sharedFloats }
  package var multiplicationRatio: Double { forward.multiplicationRatio }

  /// Scalars of the rotated kernel in whole cache lines, so that the memory after it is aligned.
  private var kernelFloats: Int { CacheLine.rounded(geometry.kernelCount) }

  /// - Parameter forward: the forward pass of the rotated convolution.
  package init(_ geometry: ConvolutionGeometry, forward: any ConvolutionPass) {
    precondition(geometry.window.hasUnitStride)
    self.geometry = geometry
    self.forward = forward
    groups = EvenCut(
      geometry.groups,
      atMost: Self.scalarsOfUnit / (geometry.groupInputChannels * geometry.groupOutputChannels))
    stages = [geometry.window.taps * groups.count] + forward.stages
  }

  /// Returns the convolution from output gradient to input gradient; its padding may be negative (a crop).
  package static func rotated(_ geometry: ConvolutionGeometry) -> ConvolutionGeometry {
    func rotated(_ axis: AxisGeometry) -> AxisGeometry {
      AxisGeometry(
        input: axis.output, kernel: axis.kernel, stride: 1, dilation: axis.dilation,
        before: axis.extent - 1 - axis.before, output: axis.input)
    }
    return ConvolutionGeometry(
      batch: geometry.batch,
      window: WindowGeometry(height: rotated(geometry.window.height), width: rotated(geometry.window.width)),
      inputChannels: geometry.outputChannels, outputChannels: geometry.inputChannels, groups: geometry.groups)
  }

  package func run(
    stage: Int, unit: Int, _ operands: PassOperands, scratch: UnsafeMutablePointer<Float>
  ) {
    if stage == 0 { return rotateKernel(unit: unit, operands) }
    let rotated = PassOperands.forward(
      input: operands.outputGradient, kernel: operands.shared, output: operands.result,
      shared: operands.shared + kernelFloats)
    forward.run(stage: stage - 1, unit: unit, rotated, scratch: scratch)
  }

  /// Transposes one tap of each of some groups, `[inputs, outputs]`, to `[outputs, inputs]` at the opposite
  /// tap.
  private func rotateKernel(unit: Int, _ operands: PassOperands) {
    let (tap, index) = unit.quotientAndRemainder(dividingBy: groups.count)
    let (inputs, outputs) = (geometry.groupInputChannels, geometry.groupOutputChannels)
    let opposite = geometry.window.taps - 1 - tap
    let from = operands.kernel + tap * inputs * geometry.outputChannels
    let to = operands.shared + opposite * outputs * geometry.inputChannels
    let range = groups[index]
    if inputs == 1, outputs == 1 {
      (to + range.lowerBound).update(from: from + range.lowerBound, count: range.count)
      return
    }
    for group in range {
      ckernels_transpose(
        from + group * outputs, Int64(inputs), Int64(outputs), Int64(geometry.outputChannels),
        to + group * inputs, Int64(geometry.inputChannels))
    }
  }
}
