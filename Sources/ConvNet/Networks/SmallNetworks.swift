import Im2col

/// The networks of well-known tutorials.
public enum SmallNetworks {
  /// Returns the layers of the MNIST example of PyTorch, for images of 28x28x1.
  ///
  /// https://github.com/pytorch/examples/blob/main/mnist/main.py
  public static func mnistPyTorch(classes: Int = 10) -> [Block] {
    [
      .convolution(filters: 32, kernel: 3, activation: .relu, initializer: .heNormal),
      .convolution(filters: 64, kernel: 3, activation: .relu, initializer: .heNormal),
      .maxPooling(window: 2),
      .dropout(rate: 0.25),
      .flatten,
      .dense(units: 128, activation: .relu, initializer: .heNormal),
      .dropout(rate: 0.5),
      .dense(units: classes, activation: .softmax),
    ]
  }

  /// Returns the layers of the "Simple MNIST convnet" example of Keras, for images of 28x28x1.
  ///
  /// https://keras.io/examples/vision/mnist_convnet/
  public static func mnistKeras(classes: Int = 10) -> [Block] {
    [
      .convolution(filters: 32, kernel: 3, activation: .relu),
      .maxPooling(window: 2),
      .convolution(filters: 64, kernel: 3, activation: .relu),
      .maxPooling(window: 2),
      .flatten,
      .dropout(rate: 0.5),
      .dense(units: classes, activation: .softmax),
    ]
  }

  /// Returns the layers of TensorFlow's CIFAR tutorial, for images of 32x32x3.
  ///
  /// https://www.tensorflow.org/tutorials/images/cnn
  public static func cifar(classes: Int = 10) -> [Block] {
    [
      .convolution(filters: 32, kernel: 3, activation: .relu),
      .maxPooling(window: 2),
      .convolution(filters: 64, kernel: 3, activation: .relu),
      .maxPooling(window: 2),
      .convolution(filters: 64, kernel: 3, activation: .relu),
      .flatten,
      .dense(units: 64, activation: .relu),
      .dense(units: classes, activation: .softmax),
    ]
  }
}
