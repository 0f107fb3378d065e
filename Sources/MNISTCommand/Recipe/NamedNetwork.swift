import ConvNet

/// The networks of `mnist train`, for images of 28x28x1.
package enum NamedNetwork: String, Sendable, CaseIterable {
  case lenet5
  /// "Simple MNIST convnet" of the Keras examples.
  case keras = "mnist_keras"
  /// The MNIST example of PyTorch.
  case pytorch = "mnist_pytorch"
  case resnet20

  /// The name for readers.
  var title: String {
    switch self {
    case .lenet5: "LeNet-5"
    case .keras: "Keras' MNIST example"
    case .pytorch: "PyTorch's MNIST example"
    case .resnet20: "ResNet-20"
    }
  }

  /// Returns the layers.
  ///
  /// - Parameter dropout: the dropout rate of LeNet-5's hidden dense layers; the other networks have their own.
  func layers(dropout: Float) -> [Block] {
    switch self {
    case .lenet5: LeNet5.layers(dropout: dropout)
    case .keras: SmallNetworks.mnistKeras()
    case .pytorch: SmallNetworks.mnistPyTorch()
    case .resnet20: ResNet.layers20()
    }
  }
}
