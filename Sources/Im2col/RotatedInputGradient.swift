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
    stages = [geometry.window.taps * geometry.groups] + forward.stages
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

  /// Transposes one tap of one group, `[inputs, outputs]`, to `[outputs, inputs]` at the opposite tap.
  private func rotateKernel(unit: Int, _ operands: PassOperands) {
    let (tap, group) = unit.quotientAndRemainder(dividingBy: geometry.groups)
    let (inputs, outputs) = (geometry.groupInputChannels, geometry.groupOutputChannels)
    let opposite = geometry.window.taps - 1 - tap
    ckernels_transpose(
      operands.kernel + tap * inputs * geometry.outputChannels + group * outputs, Int64(inputs),
      Int64(outputs), Int64(geometry.outputChannels),
      operands.shared + opposite * outputs * geometry.inputChannels + group * inputs,
      Int64(geometry.inputChannels))
  }
}
