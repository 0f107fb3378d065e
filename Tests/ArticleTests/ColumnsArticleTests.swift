import Im2col
import Testing

/// The snippets of `ConvolutionAsMatrixMultiplication.md`.
struct ColumnsArticleTests {
  @Test func theImageByHandAndThroughTheAPI() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin columns
    let image = try Tensor(
      shape: [1, 4, 4, 1],  // batch, height, width, channels
      scalars: [
        1, 2, 0, 1,
        3, 1, 1, 0,
        0, 2, 4, 1,
        1, 0, 2, 3,
      ])
    let kernel = try Tensor(
      // height, width, input channels, output channels
      shape: [3, 3, 1, 1],
      scalars: [
        1, 0, -1,
        1, 0, -1,
        1, 0, -1,
      ])
    let geometry = try ConvolutionGeometry(
      input: image.shape, kernel: kernel.shape, padding: .valid)
    let columns = try im2col(image, geometry)
    print(columns.shape)
    for row in 0..<4 {
      print(columns.scalars[row * 9..<row * 9 + 9].map { Int($0) })
    }
    // article: end
    let first = transcript.take()
    // article: begin product
    let products = try multiply(columns, kernel.reshaped(to: [9, 1]))
    print(products.scalars)
    // article: end
    let second = transcript.take()
    // article: begin convolve
    let output = try convolve(image, kernel: kernel, padding: .valid)
    print(output.shape, output.scalars == products.scalars)
    // article: end
    let article = try Article("Im2col/ConvolutionAsMatrixMultiplication")
    try article.expect("columns", printed: first)
    try article.expect("product", printed: second)
    try article.expect("convolve", printed: transcript)
  }

  @Test func channelsAndBatches() throws {
    let transcript = Transcript()
    let print = transcript.print
    // article: begin sizes
    let layer = try ConvolutionGeometry(
      input: [32, 14, 14, 6],  // LeNet-5's second layer, 32 images
      kernel: [5, 5, 6, 16],
      padding: .valid)
    print("columns:", layer.columnsShape)
    print("kernel: ", [layer.patchLength, layer.outputChannels])
    print("output: ", layer.outputShape)
    // article: end
    try Article("Im2col/ConvolutionAsMatrixMultiplication").expect("sizes", printed: transcript)
  }
}
