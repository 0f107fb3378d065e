import CKernels
import Im2col

extension PoolingMode {
  /// Pools `[images, height, width, channels]`.
  package func pool(
    _ geometry: PoolingGeometry, images: Int, _ input: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>
  ) {
    var pooling = geometry.kernelPooling(images: images)
    switch self {
    case .max: ckernels_pool_product(&pooling, input, output, nil)
    case .average: ckernels_average_pool(&pooling, input, output)
    }
  }

  /// Computes the input gradient from the output gradient; overwrites `inputGradient`.
  package func gradient(
    _ geometry: PoolingGeometry, images: Int, ties: PoolingTies, input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, into inputGradient: UnsafeMutablePointer<Float>
  ) {
    var pooling = geometry.kernelPooling(images: images)
    switch self {
    case .max:
      ckernels_max_pool_gradient(&pooling, input, outputGradient, ties == .all ? 1 : 0, inputGradient)
    case .average:
      ckernels_average_pool_gradient(&pooling, outputGradient, inputGradient)
    }
  }
}
