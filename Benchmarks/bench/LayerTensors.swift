import Im2col
import Im2colReference

/// The operands of one layer and the storage of its results, which all of its cases reuse.
final class LayerTensors {
  let geometry: ConvolutionGeometry
  let input: Tensor
  let kernel: Tensor
  let bias: Tensor
  let outputGradient: Tensor
  var output: Tensor
  var inputGradient: Tensor
  var kernelGradient: Tensor
  var biasGradient: Tensor

  /// Numbers in [-1, 1), always the same.
  init(_ geometry: ConvolutionGeometry) {
    var dice = Dice(seed: 0x1a_7e)
    self.geometry = geometry
    input = Tensor(random: geometry.inputShape, &dice)
    kernel = Tensor(random: geometry.kernelShape, &dice)
    bias = Tensor(random: [geometry.outputChannels], &dice)
    outputGradient = Tensor(random: geometry.outputShape, &dice)
    output = Tensor(zeros: geometry.outputShape)
    inputGradient = Tensor(zeros: geometry.inputShape)
    kernelGradient = Tensor(zeros: geometry.kernelShape)
    biasGradient = Tensor(zeros: [geometry.outputChannels])
  }

  /// The operands for the loop nest.
  var reference: PointReference {
    PointReference(geometry, input: input, kernel: kernel, bias: bias, outputGradient: outputGradient)
  }
}
