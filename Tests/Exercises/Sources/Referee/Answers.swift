/// The twelve functions of the exercises.
///
/// Images are `[height, width, channels]`, kernels `[kernel, kernel, channels, filters]`, and padding is the number of
/// rows and columns of zeros on each side.
public struct Answers: Sendable {
  /// Exercise 1: the number of windows along an axis.
  public var outputSize: @Sendable (_ input: Int, _ kernel: Int, _ stride: Int, _ padding: Int) throws -> Int
  /// Exercise 2: a convolution with a bias.
  public var convolution:
    @Sendable (_ x: Numbers, _ w: Numbers, _ b: Numbers, _ stride: Int, _ padding: Int) throws -> Numbers
  /// Exercise 3: the column matrix `[windows, kernel * kernel * channels]`.
  public var im2col: @Sendable (_ x: Numbers, _ kernel: Int, _ stride: Int, _ padding: Int) throws -> Numbers
  /// Exercise 4: a column matrix added back to an image of the given shape.
  public var col2im:
    @Sendable (_ columns: Numbers, _ image: [Int], _ kernel: Int, _ stride: Int, _ padding: Int) throws ->
      Numbers
  /// Exercise 5: the kernel gradient, from the output gradient and the input.
  public var kernelGradient:
    @Sendable (_ g: Numbers, _ x: Numbers, _ kernel: Int, _ stride: Int, _ padding: Int) throws -> Numbers
  /// Exercise 6: the bias gradient, from the output gradient.
  public var biasGradient: @Sendable (_ g: Numbers) throws -> Numbers
  /// Exercise 7: the input gradient, from the output gradient and the kernel.
  public var inputGradient:
    @Sendable (_ g: Numbers, _ w: Numbers, _ image: [Int], _ stride: Int, _ padding: Int) throws -> Numbers
  /// Exercise 8: the input gradient of max pooling.
  public var poolingGradient:
    @Sendable (_ g: Numbers, _ x: Numbers, _ window: Int, _ stride: Int) throws -> Numbers
  /// Exercise 9: the loss of logits with a label, and its gradient.
  public var crossEntropy:
    @Sendable (_ logits: Numbers, _ label: Int) throws -> (loss: Double, gradient: Numbers)
  /// Exercise 10: an update of Adam.
  public var adam: @Sendable (_ state: AdamState, _ gradient: Numbers, _ rate: Double) throws -> AdamState
  /// Exercise 11: the gradient of a loss by central differences.
  public var measuredGradient:
    @Sendable (_ loss: (Numbers) -> Double, _ w: Numbers, _ epsilon: Double) throws -> Numbers
  /// Exercise 12: the net after a step of gradient descent.
  public var trainingStep:
    @Sendable (_ net: Net, _ image: Numbers, _ label: Int, _ rate: Double) throws -> Net

  /// Combines twelve functions.
  public init(
    outputSize: @escaping @Sendable (Int, Int, Int, Int) throws -> Int,
    convolution: @escaping @Sendable (Numbers, Numbers, Numbers, Int, Int) throws -> Numbers,
    im2col: @escaping @Sendable (Numbers, Int, Int, Int) throws -> Numbers,
    col2im: @escaping @Sendable (Numbers, [Int], Int, Int, Int) throws -> Numbers,
    kernelGradient: @escaping @Sendable (Numbers, Numbers, Int, Int, Int) throws -> Numbers,
    biasGradient: @escaping @Sendable (Numbers) throws -> Numbers,
    inputGradient: @escaping @Sendable (Numbers, Numbers, [Int], Int, Int) throws -> Numbers,
    poolingGradient: @escaping @Sendable (Numbers, Numbers, Int, Int) throws -> Numbers,
    crossEntropy: @escaping @Sendable (Numbers, Int) throws -> (loss: Double, gradient: Numbers),
    adam: @escaping @Sendable (AdamState, Numbers, Double) throws -> AdamState,
    measuredGradient: @escaping @Sendable ((Numbers) -> Double, Numbers, Double) throws -> Numbers,
    trainingStep: @escaping @Sendable (Net, Numbers, Int, Double) throws -> Net
  ) {
    (self.outputSize, self.convolution, self.im2col, self.col2im) = (outputSize, convolution, im2col, col2im)
    (self.kernelGradient, self.biasGradient, self.inputGradient) = (
      kernelGradient, biasGradient, inputGradient
    )
    (self.poolingGradient, self.crossEntropy, self.adam) = (poolingGradient, crossEntropy, adam)
    (self.measuredGradient, self.trainingStep) = (measuredGradient, trainingStep)
  }
}

/// Parameters and what Adam remembers about them; all arrays have one shape.
public struct AdamState: Sendable, Equatable {
  /// The parameters, and the means of their gradient and of its square.
  public var w, m, v: Numbers
  /// The number of updates so far.
  public var t: Int

  /// Combines the four parts.
  public init(w: Numbers, m: Numbers, v: Numbers, t: Int) {
    (self.w, self.m, self.v, self.t) = (w, m, v, t)
  }
}

/// A net of a convolution with ReLU, max pooling with windows of 2 x 2, and a dense layer.
public struct Net: Sendable, Equatable {
  /// `[kernel, kernel, channels, filters]` and `[filters]`.
  public var kernel, bias: Numbers
  /// `[features, classes]` and `[classes]`; the features are the pooled numbers in row-major order.
  public var denseKernel, denseBias: Numbers

  /// Combines the parameters of both layers.
  public init(kernel: Numbers, bias: Numbers, denseKernel: Numbers, denseBias: Numbers) {
    (self.kernel, self.bias) = (kernel, bias)
    (self.denseKernel, self.denseBias) = (denseKernel, denseBias)
  }
}

/// An exercise that has no answer yet.
public struct Hole: Error {
  /// The error of an unfilled hole.
  public init() {}
}
