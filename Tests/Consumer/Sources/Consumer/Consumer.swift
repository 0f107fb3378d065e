import ConvNet
import Im2col

@main
struct Consumer {
  static func main() throws {
    let image = try Tensor(repeating: 1, shape: [1, 28, 28, 1])
    let kernel = try Tensor(repeating: 1, shape: [5, 5, 1, 1])
    let sums = try convolve(image, kernel: kernel, padding: .valid)
    let classes = try lenet5().predict(image)
    print("convolution \(sums.shape) of \(sums.scalars[0]), LeNet-5 \(classes.shape)")
  }
}
