import ConvNet

/// The networks of `bench nets`, and a narrow one of the same kind for each, which the reference in Double can
/// compute.
struct BenchNetwork: Sendable {
  let name: String
  /// `[height, width, channels]`.
  let inputShape: [Int]
  let classes: Int
  let layers: @Sendable () -> [Block]
  /// A network of the same kind with about an eighth of the channels; nil for the network itself.
  var narrow: (@Sendable () -> [Block])?

  static let all = [
    BenchNetwork(
      name: "mnist_pytorch", inputShape: [28, 28, 1], classes: 10, layers: { SmallNetworks.mnistPyTorch() }),
    BenchNetwork(
      name: "mnist_keras", inputShape: [28, 28, 1], classes: 10, layers: { SmallNetworks.mnistKeras() }),
    BenchNetwork(
      name: "cifar_small", inputShape: [32, 32, 3], classes: 10, layers: { SmallNetworks.cifar() }),
    BenchNetwork(
      name: "resnet20", inputShape: [32, 32, 3], classes: 10, layers: { ResNet.layers20() },
      narrow: { ResNet.layers20(classes: 10, widths: [2, 4, 8]) }),
    BenchNetwork(
      name: "resnet18", inputShape: [224, 224, 3], classes: 1000, layers: { ResNet.layers18() },
      narrow: { ResNet.layers18(classes: 1000, widths: [8, 16, 32, 64]) }),
    BenchNetwork(
      name: "mobilenetv2", inputShape: [224, 224, 3], classes: 1000, layers: { MobileNetV2.layers() },
      narrow: { MobileNetV2.layers(classes: 1000, dividedBy: 8) }),
  ]
}
