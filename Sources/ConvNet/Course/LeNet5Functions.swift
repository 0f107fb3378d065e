import Im2col

/// Creates LeNet-5 as a graph with placeholders, as in task 4 of a course on CNNs, with TensorFlow 1.
///
/// Kernels are initialized as by `contrib.layers.variance_scaling_initializer`, sigma = sqrt(2.6 / fanIn),
/// biases with zeros. The loss is the mean softmax cross-entropy of the batch, the optimizer Adam with the
/// settings of TensorFlow 1 (epsilon 1e-8). See `LeNet5` for the layers and the paper, `TrainingGraph` for
/// running the graph.
///
/// - Parameters:
///   - x: `[any, 28, 28, 1]`, the images.
///   - y: `[any, 10]`, the one-hot labels.
///   - seed: the random seed.
///   - options: workers, scratch budget and lowering.
/// - Returns: the graph, with `output` (softmax), `train`, `loss` and `accuracy` to fetch.
/// - Throws: `EngineError.shape` when a placeholder does not match LeNet-5; `EngineError.blas` when OpenBLAS
///   is not usable.
public func lenet5(
  _ x: Placeholder, _ y: Placeholder, seed: UInt64 = 0, options: ComputeOptions = .default
) throws(EngineError) -> TrainingGraph {
  let model = try Sequential(
    inputShape: LeNet5.inputShape, layers: LeNet5.layers(initializer: .varianceScalingTF1), seed: seed)
  try model.compile(optimizer: .adam(epsilon: 1e-8), options: options)
  return try TrainingGraph(x, y, model: model)
}

/// Creates LeNet-5 as a compiled model, as in task 5 of a course on CNNs, with Keras.
///
/// Kernels are initialized by `heNormal`, biases with zeros. The model is compiled with Adam (epsilon 1e-7),
/// categorical cross-entropy and accuracy. See `LeNet5` for the layers and the paper, `Sequential` for `fit`,
/// `evaluate` and `predict`.
///
/// - Parameters:
///   - x: `[any, 28, 28, 1]`, the images.
///   - seed: the seed of the initialization and of the order of images in each epoch.
///   - options: workers, scratch budget and lowering.
/// - Returns: the compiled model with 61,706 parameters.
/// - Throws: `EngineError.shape` when the placeholder does not match LeNet-5; `EngineError.blas` when
///   OpenBLAS is not usable.
public func lenet5(
  _ x: Placeholder = Placeholder("x", shape: [nil, 28, 28, 1]), seed: UInt64 = 0,
  options: ComputeOptions = .default
) throws(EngineError) -> Sequential {
  guard x.accepts([x.shape.first.flatMap { $0 } ?? 1] + LeNet5.inputShape) else {
    throw .shape(
      .unsupported("the placeholder \(x) does not match LeNet-5; its shape must be [?, 28, 28, 1]"))
  }
  let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: seed)
  try model.compile(optimizer: .adam(epsilon: 1e-7), options: options)
  return model
}
