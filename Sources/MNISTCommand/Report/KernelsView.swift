import ConvNet
import Im2col

/// The kernels of the first layer with parameters, as pictures.
struct KernelsView {
  let kernelLayer: String
  let kernelShape: String
  let kernels: [KernelView]
  let kernelCount: Int
  let areSome: Bool

  struct KernelView {
    let picture: PictureView
    let caption, minimum, maximum: String
  }

  /// The maximum number of kernels shown.
  private static let maxKernels = 64

  init(_ network: Sequential) throws {
    let kernel = network.parameterTensors.first { $0.name.hasSuffix(".kernel") }
    let planes = kernel.map { KernelPlanes($0.tensor, inputShape: network.inputShape) }
    kernelLayer = kernel.map { String($0.name.dropLast(".kernel".count)) } ?? ""
    kernelShape = kernel.map { shapeText($0.tensor.shape) } ?? ""
    kernelCount = planes?.count ?? 0
    areSome = kernelCount > Self.maxKernels
    // One scale for all kernels, symmetric around zero.
    let reach = kernel?.tensor.scalars.map(\.magnitude).max() ?? 0
    kernels = try (0..<min(kernelCount, Self.maxKernels)).compactMap { index in
      guard let planes else { return nil }
      let numbers = planes.numbers(index)
      let extent = numbers.extent
      return KernelView(
        picture: try PictureView(numbers, size: planes.size, range: -reach...reach, palette: .diverging),
        caption: planes.name(index), minimum: signedText(extent.lowerBound),
        maximum: signedText(extent.upperBound))
    }
  }
}

/// A kernel as two-dimensional planes: one per input and output channel of a convolution, one per output of a
/// dense layer, in the shape of its input image.
private struct KernelPlanes {
  let size: Size2D
  let inputs, outputs: Int
  private let scalars: [Float]

  /// - Parameter tensor: `[height, width, inputs, outputs]`, or `[inputs, outputs]`.
  init(_ tensor: Tensor, inputShape: [Int]) {
    scalars = tensor.scalars
    outputs = tensor.shape.last ?? 1
    if tensor.shape.count == 4 {
      (size, inputs) = (Size2D(height: tensor.shape[0], width: tensor.shape[1]), tensor.shape[2])
    } else if inputShape.count == 3, inputShape.reduce(1, *) == tensor.shape[0] {
      (size, inputs) = (Size2D(height: inputShape[0], width: inputShape[1]), inputShape[2])
    } else {
      (size, inputs) = (Size2D(height: 1, width: tensor.shape[0]), 1)
    }
  }

  var count: Int { inputs * outputs }

  /// The numbers of one plane, `[height, width]`.
  func numbers(_ index: Int) -> [Float] {
    let (output, input) = (index / inputs, index % inputs)
    return (0..<size.height * size.width).map { scalars[($0 * inputs + input) * outputs + output] }
  }

  func name(_ index: Int) -> String {
    let output = "\(index / inputs + 1)"
    return inputs == 1 ? output : "\(output), input \(index % inputs + 1)"
  }
}
