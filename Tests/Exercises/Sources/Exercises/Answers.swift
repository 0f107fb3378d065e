import Referee

// Fill the holes: replace each `throw Hole()`, and run
//
//     swift run --package-path Tests/Exercises
//
// Images are [height, width, channels], kernels [kernel, kernel, channels, filters]; padding is the number of rows and
// columns of zeros on each side. `Numbers(zeros: [5, 5, 2])` makes an array, `x[3, 4, 0]` is one of its numbers.

/// 1. The number of windows along an axis.
func outputSize(input: Int, kernel: Int, stride: Int, padding: Int) throws -> Int {
  throw Hole()
}

/// 2. A convolution: x [height, width, channels], w [kernel, kernel, channels, filters], b [filters].
func convolution(_ x: Numbers, _ w: Numbers, _ b: Numbers, stride: Int, padding: Int) throws
  -> Numbers
{
  throw Hole()
}

/// 3. The column matrix [windows, kernel * kernel * channels].
func im2col(_ x: Numbers, kernel: Int, stride: Int, padding: Int) throws -> Numbers {
  throw Hole()
}

/// 4. A column matrix added back to an image [height, width, channels].
func col2im(_ columns: Numbers, image: [Int], kernel: Int, stride: Int, padding: Int) throws
  -> Numbers
{
  throw Hole()
}

/// 5. The kernel gradient, from the output gradient g [rows, columns, filters] and the input x.
func kernelGradient(of g: Numbers, input x: Numbers, kernel: Int, stride: Int, padding: Int) throws
  -> Numbers
{
  throw Hole()
}

/// 6. The bias gradient [filters].
func biasGradient(of g: Numbers) throws -> Numbers {
  throw Hole()
}

/// 7. The input gradient, in the shape of the image.
func inputGradient(of g: Numbers, kernel w: Numbers, image: [Int], stride: Int, padding: Int) throws
  -> Numbers
{
  throw Hole()
}

/// 8. The input gradient of max pooling without padding; the first maximum in reading order gets it.
func poolingGradient(of g: Numbers, input x: Numbers, window: Int, stride: Int) throws -> Numbers {
  throw Hole()
}

/// 9. The loss -log(softmax(logits)[label]) and its gradient [classes] with respect to the logits.
func crossEntropy(logits: Numbers, label: Int) throws -> (loss: Double, gradient: Numbers) {
  throw Hole()
}

/// 10. An update of Adam: beta1 0.9, beta2 0.999, epsilon 1e-7.
func adam(_ state: AdamState, gradient g: Numbers, rate: Double) throws -> AdamState {
  throw Hole()
}

/// 11. The gradient of a loss, measured by central differences.
func measuredGradient(of loss: (Numbers) -> Double, at w: Numbers, epsilon: Double) throws
  -> Numbers
{
  throw Hole()
}

/// 12. The net after a step of gradient descent: convolution without padding, ReLU, max pooling with windows of 2 x 2,
/// dense, softmax.
func trainingStep(_ net: Net, image: Numbers, label: Int, rate: Double) throws -> Net {
  throw Hole()
}
