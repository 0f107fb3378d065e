import Im2col

/// The problems that `bench calibrate` measures: layers of all kinds, mostly of other sizes than those of the
/// published tables, so that the tables test the fit.
enum CalibrationShapes {
  /// A layer, optionally followed by a max pooling with windows of `pooling` x `pooling` at that stride.
  struct Item {
    let layer: LayerShape
    let pooling: Int?
  }

  /// - Parameters:
  ///   - size: batch, height, width.
  ///   - channels: input and output channels.
  ///   - pad: per side; nil for half of the dilated kernel, which keeps the size at stride 1.
  ///   - first: whether the layer is the first of a network, without input gradient.
  private static func item(
    _ name: String, _ size: [Int], _ kernel: [Int], _ channels: [Int], stride: Int = 1, dilation: Int = 1,
    pad: Int? = nil, groups: Int = 1, first: Bool = false, pooling: Int? = nil
  ) -> Item {
    var layer = LayerShape(
      name: name, batch: size[0], height: size[1], width: size[2], kernel: kernel, inputs: channels[0],
      outputs: channels[1])
    layer.stride = [stride, stride]
    layer.dilation = [dilation, dilation]
    layer.padding = kernel.map { pad ?? ($0 - 1) * dilation / 2 }
    (layer.groups, layer.first) = (groups, first)
    return Item(layer: layer, pooling: pooling)
  }

  static let all =
    firstLayers + pooled + grouped + depthwise + lines + strided + dilated + large + small + pointwise
    + square

  private static let firstLayers = [
    item("gray_3x3_8", [64, 28, 28], [3, 3], [1, 8], pad: 0, first: true),
    item("gray_3x3_24", [16, 30, 30], [3, 3], [1, 24], first: true),
    item("gray_3x3_64", [16, 28, 28], [3, 3], [1, 64], pad: 0, first: true),
    item("gray_5x5_6", [32, 28, 28], [5, 5], [1, 6], first: true),
    item("gray_5x5_20", [16, 32, 32], [5, 5], [1, 20], first: true),
    item("gray_7x7_stride2", [4, 72, 72], [7, 7], [1, 32], stride: 2, first: true),
    item("color_3x3_32", [8, 32, 32], [3, 3], [3, 32], first: true),
    item("color_3x3_stride2", [2, 160, 160], [3, 3], [3, 24], stride: 2, first: true),
    item("color_3x3_64", [1, 128, 128], [3, 3], [3, 64], first: true),
    item("color_3x3_12", [1, 200, 200], [3, 3], [3, 12], first: true),
    item("color_7x7_stride2", [1, 192, 192], [7, 7], [3, 64], stride: 2, first: true),
    item("color_11x11_stride4", [2, 227, 227], [11, 11], [3, 64], stride: 4, pad: 0, first: true),
  ]

  /// LeNet-5's layers, and others with pooling.
  private static let pooled = [
    item("lenet1_b1", [1, 28, 28], [5, 5], [1, 6], first: true, pooling: 2),
    item("lenet1_b4", [4, 28, 28], [5, 5], [1, 6], first: true, pooling: 2),
    item("lenet1_b16", [16, 28, 28], [5, 5], [1, 6], first: true, pooling: 2),
    item("lenet2_b1", [1, 14, 14], [5, 5], [6, 16], pad: 0, pooling: 2),
    item("lenet2_b4", [4, 14, 14], [5, 5], [6, 16], pad: 0, pooling: 2),
    item("lenet2_b16", [16, 14, 14], [5, 5], [6, 16], pad: 0, pooling: 2),
    item("gray_pooled_16", [8, 28, 28], [3, 3], [1, 16], first: true, pooling: 2),
    item("square_pooled", [2, 26, 26], [3, 3], [32, 64], pooling: 2),
  ]

  private static let grouped = [
    item("grouped_4x16", [2, 28, 28], [3, 3], [64, 64], groups: 4),
    item("grouped_32x4", [2, 28, 28], [3, 3], [128, 128], groups: 32),
    item("grouped_24x8", [2, 20, 20], [3, 3], [192, 192], groups: 24),
    item("grouped_5x24", [2, 24, 24], [3, 3], [120, 120], groups: 5),
    item("grouped_2x48", [2, 27, 27], [5, 5], [96, 128], groups: 2),
    item("grouped_1x1", [2, 28, 28], [1, 1], [192, 192], groups: 6),
    item("grouped_stride2", [2, 28, 28], [3, 3], [128, 128], stride: 2, groups: 16),
  ]

  private static let depthwise = [
    item("depthwise_3x3_32", [1, 112, 112], [3, 3], [32, 32], groups: 32),
    item("depthwise_3x3_200", [2, 20, 20], [3, 3], [200, 200], groups: 200),
    item("depthwise_5x5_144", [2, 28, 28], [5, 5], [144, 144], groups: 144),
    item("depthwise_stride2", [2, 64, 64], [3, 3], [96, 96], stride: 2, groups: 96),
    item("depthwise_5x5_7", [2, 7, 7], [5, 5], [480, 480], groups: 480),
  ]

  private static let lines = [
    item("line_1x7", [2, 17, 17], [1, 7], [160, 160]), item("line_7x1", [2, 17, 17], [7, 1], [160, 160]),
    item("line_1x3", [2, 20, 20], [1, 3], [96, 96]),
  ]

  private static let strided = [
    item("stride2_56", [2, 56, 56], [3, 3], [64, 96], stride: 2),
    item("stride2_14", [2, 14, 14], [3, 3], [256, 256], stride: 2),
    item("stride2_1x1", [2, 56, 56], [1, 1], [128, 256], stride: 2),
  ]

  private static let dilated = [
    item("dilated_2", [1, 30, 30], [3, 3], [128, 128], dilation: 2),
    item("dilated_4", [1, 40, 40], [3, 3], [64, 48], dilation: 4),
  ]

  private static let large = [
    item("large_9x9", [1, 40, 40], [9, 9], [32, 32]),
    item("large_patch16", [1, 192, 192], [16, 16], [3, 384], stride: 16, pad: 0, first: true),
    item("alexnet2", [1, 27, 27], [5, 5], [96, 256]),
    item("inception_5x5", [2, 28, 28], [5, 5], [24, 48]),
  ]

  private static let small = [
    item("small_image_1", [1, 7, 7], [3, 3], [512, 512]),
    item("small_image_6", [6, 7, 7], [3, 3], [384, 384]),
    item("small_image_4x4", [1, 4, 4], [3, 3], [256, 256]),
    item("small_image_13", [2, 13, 13], [3, 3], [256, 384]),
  ]

  private static let pointwise = [
    item("pointwise_64_256", [1, 56, 56], [1, 1], [64, 256]),
    item("pointwise_512_128", [2, 28, 28], [1, 1], [512, 128]),
    item("pointwise_16_96", [1, 96, 96], [1, 1], [16, 96]),
    item("pointwise_96_24", [2, 56, 56], [1, 1], [96, 24]),
    item("pointwise_960_160", [2, 7, 7], [1, 1], [960, 160]),
    item("pointwise_1280", [2, 1, 1], [1, 1], [1280, 1000]),
  ]

  /// 3x3 kernels of small nets, VGG and ResNet.
  private static let square = [
    item("square_16_16", [16, 16, 16], [3, 3], [16, 16]),
    item("square_32_64", [8, 13, 13], [3, 3], [32, 64]),
    item("square_32_32", [4, 26, 26], [3, 3], [32, 32]), item("square_8_8", [8, 28, 28], [3, 3], [8, 8]),
    item("square_64_64_8", [8, 8, 8], [3, 3], [64, 64]), item("vgg1_2", [1, 112, 112], [3, 3], [64, 64]),
    item("vgg3", [1, 56, 56], [3, 3], [128, 192]), item("resnet4", [4, 14, 14], [3, 3], [256, 256]),
  ]
}
