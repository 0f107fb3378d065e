import Im2col
import Testing

/// The snippets of `ConvolutionGradients.md`.
struct GradientsArticleTests {
  @Test func threeGradientsByMatricesAndThroughTheAPI() throws {
    let transcript = Transcript()
    let print = transcript.print
    let image = try Tensor(
      shape: [1, 4, 4, 1], scalars: [1, 2, 0, 1, 3, 1, 1, 0, 0, 2, 4, 1, 1, 0, 2, 3])
    let kernel = try Tensor(shape: [3, 3, 1, 1], scalars: [1, 0, -1, 1, 0, -1, 1, 0, -1])
    let geometry = try ConvolutionGeometry(input: image.shape, kernel: kernel.shape, padding: .valid)
    // article: begin matrices
    let outputGradient = try Tensor(
      shape: [1, 2, 2, 1], scalars: [1, -1, 0, 2])

    let columns = try im2col(image, geometry)  // [4, 9]
    let g = try outputGradient.reshaped(to: [4, 1])
    let k = try kernel.reshaped(to: [9, 1])

    // [9, 1], [4, 9] and [1, 4, 4, 1]
    let kernelGradient = try multiply(columns, g, transposeLeft: true)
    let columnGradient = try multiply(g, k, transposeRight: true)
    let imageGradient = try col2im(columnGradient, geometry)
    print(kernelGradient.scalars)
    for row in 0..<4 {
      print(imageGradient.scalars[4 * row..<4 * row + 4])
    }
    // article: end
    let matrices = transcript.take()
    // article: begin gradients
    let gradients = try convolutionGradients(
      of: outputGradient, input: image, kernel: kernel,
      padding: .valid)
    print(gradients.kernel.scalars == kernelGradient.scalars)
    print(gradients.input == imageGradient)
    print(gradients.bias.scalars)
    // article: end
    let article = try Article("Im2col/ConvolutionGradients")
    try article.expect("matrices", printed: matrices)
    try article.expect("gradients", printed: transcript)
  }

  @Test func aGradientMeasured() throws {
    let transcript = Transcript()
    let print = transcript.print
    let image = try Tensor(
      shape: [1, 4, 4, 1], scalars: [1, 2, 0, 1, 3, 1, 1, 0, 0, 2, 4, 1, 1, 0, 2, 3])
    let kernel = try Tensor(shape: [3, 3, 1, 1], scalars: [1, 0, -1, 1, 0, -1, 1, 0, -1])
    let outputGradient = try Tensor(shape: [1, 2, 2, 1], scalars: [1, -1, 0, 2])
    // article: begin measured
    /// A loss with the gradient `outputGradient` at the output:
    /// the sum of the products.
    func loss(_ kernel: Tensor) throws -> Float {
      let output = try convolve(image, kernel: kernel, padding: .valid)
      return zip(output.scalars, outputGradient.scalars)
        .map(*).reduce(0, +)
    }
    var above = kernel
    above.scalars[4] += 0.5  // the center of the kernel
    var below = kernel
    below.scalars[4] -= 0.5
    // Divided by the distance, which is 1.
    print(try loss(above) - loss(below))
    // article: end
    try Article("Im2col/ConvolutionGradients").expect("measured", printed: transcript)
  }
}
