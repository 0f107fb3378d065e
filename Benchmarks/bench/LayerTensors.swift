import Im2col
import Im2colReference

/// The operands of a layer and the storage of its results, shared by its cases.
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

  /// Draws numbers in [-1, 1) from a fixed seed.
  ///
  /// - Parameter rectified: whether inputs and the output gradient are as after a ReLU, half of them zero.
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

  /// The reference with these operands.
  var reference: PointReference {
    PointReference(geometry, input: input, kernel: kernel, bias: bias, outputGradient: outputGradient)
  }
}
