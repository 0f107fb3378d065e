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
  ///
  /// - Parameter rectified: whether inputs and the output's gradient are as behind a ReLU, half of them zero.
  init(_ geometry: ConvolutionGeometry, rectified: Bool = false) {
    var random = SplitMix64(seed: 0x1a_7e)
    self.geometry = geometry
    func draw(_ shape: [Int]) -> Tensor {
      var tensor = Tensor(random: shape, &random)
      if rectified {
        for index in tensor.scalars.indices { tensor.scalars[index] = max(tensor.scalars[index], 0) }
      }
      return tensor
    }
    input = draw(geometry.inputShape)
    kernel = Tensor(random: geometry.kernelShape, &random)
    bias = Tensor(random: [geometry.outputChannels], &random)
    outputGradient = draw(geometry.outputShape)
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
