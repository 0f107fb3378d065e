import Im2col

/// LeNet-5 as a graph with placeholders, as the course has it in TensorFlow 1 (task 4).
///
/// Kernels start as `contrib.layers.variance_scaling_initializer` has it, sigma = sqrt(2.6 / fan in), biases at
/// zero; the loss is the batch's mean softmax cross-entropy; Adam with its TensorFlow 1 settings (epsilon 1e-8).
/// See `LeNet5` for the layers and the paper, `TrainingGraph` for running it.
///
/// - Parameters:
///   - x: `[any, 28, 28, 1]`, the images.
///   - y: `[any, 10]`, the one-hot labels.
///   - seed: what the kernels start from.
///   - options: workers, scratch budget and lowering.
/// - Returns: the graph, with `output` (softmax), `train`, `loss` and `accuracy` to fetch.
/// - Throws: `EngineError.shape` when a placeholder has another shape; `EngineError.blas` when OpenBLAS must
///   not be used.
public func lenet5(
  _ x: Placeholder, _ y: Placeholder, seed: UInt64 = 0, options: ComputeOptions = .default
) throws(EngineError) -> TrainingGraph {
  let model = try Sequential(
    inputShape: LeNet5.inputShape, layers: LeNet5.layers(initializer: .varianceScalingTF1), seed: seed)
  try model.compile(optimizer: .adam(epsilon: 1e-8), options: options)
  return try TrainingGraph(x, y, model: model)
}

/// LeNet-5 as a compiled model, as the course has it in Keras (task 5).
///
/// Kernels start `heNormal`, biases at zero; compiled with Adam (epsilon 1e-7), categorical cross-entropy and
/// accuracy. See `LeNet5` for the layers and the paper, `Sequential` for `fit`, `evaluate`, `predict`.
///
/// - Parameters:
///   - x: `[any, 28, 28, 1]`, the images.
///   - seed: what the kernels start from, and the order of images in every epoch.
///   - options: workers, scratch budget and lowering.
/// - Returns: the compiled model; 61,706 parameters.
/// - Throws: `EngineError.shape` when the placeholder has another shape; `EngineError.blas` when OpenBLAS must
///   not be used.
public func lenet5(
  _ x: Placeholder = Placeholder("x", shape: [nil, 28, 28, 1]), seed: UInt64 = 0,
  options: ComputeOptions = .default
) throws(EngineError) -> Sequential {
  guard x.accepts([x.shape.first.flatMap { $0 } ?? 1] + LeNet5.inputShape) else {
    throw .shape(
      .unsupported("the placeholder \(x) cannot feed LeNet-5; it has to hold a batch of [28, 28, 1]"))
  }
  let model = try Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: seed)
  try model.compile(optimizer: .adam(epsilon: 1e-7), options: options)
  return model
}
