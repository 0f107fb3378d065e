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
    + square + mixed

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

  /// Narrow layers without pooling, and channels and sizes that are not powers of two: what no other list covers.
  private static let mixed = [
    item("narrow_6_16_5x5", [24, 14, 14], [5, 5], [6, 16], pad: 0),
    item("narrow_4_8_5x5", [12, 16, 16], [5, 5], [4, 8], pad: 0),
    item("narrow_6_12_3x3", [8, 22, 22], [3, 3], [6, 12]),
    item("narrow_8_24_3x3", [32, 12, 12], [3, 3], [8, 24], pad: 0),
    item("narrow_10_20_5x5", [6, 18, 18], [5, 5], [10, 20]),
    item("narrow_12_12_3x3", [16, 10, 10], [3, 3], [12, 12], pad: 0),
    item("narrow_12_6_5x5", [4, 30, 30], [5, 5], [12, 6]),
    item("narrow_3_10_7x7", [8, 26, 26], [7, 7], [3, 10]),
    item("narrow_20_28_3x3", [48, 8, 8], [3, 3], [20, 28], pad: 0),
    item("mixed_36_40_3x3", [2, 23, 23], [3, 3], [36, 40]),
    item("mixed_48_24_3x3", [1, 33, 33], [3, 3], [48, 24]),
    item("mixed_112_80_3x3", [4, 9, 9], [3, 3], [112, 80]),
    item("mixed_72_56_5x5", [2, 11, 11], [5, 5], [72, 56]),
    item("mixed_24_72_3x3", [1, 45, 45], [3, 3], [24, 72]),
    item("mixed_176_144_3x3", [3, 6, 6], [3, 3], [176, 144]),
    item("mixed_20_36_7x7", [2, 17, 17], [7, 7], [20, 36]),
    item("mixed_144_64_5x5", [1, 21, 21], [5, 5], [144, 64]),
    item("mixed_288_96_3x3", [2, 12, 12], [3, 3], [288, 96]),
    item("mixed_80_200_3x3", [1, 27, 27], [3, 3], [80, 200]),
    item("mixed_320_72_1x1", [6, 10, 10], [1, 1], [320, 72]),
    item("mixed_40_112_1x1", [3, 19, 19], [1, 1], [40, 112]),
    item("mixed_96_224_1x1", [8, 6, 6], [1, 1], [96, 224]),
    item("mixed_24_176_1x1", [2, 31, 31], [1, 1], [24, 176]),
    item("mixed_stride2_20_36_3x3", [4, 25, 25], [3, 3], [20, 36], stride: 2),
    item("mixed_stride2_72_48_5x5", [2, 19, 19], [5, 5], [72, 48], stride: 2),
    item("mixed_stride2_12_32_3x3", [3, 40, 40], [3, 3], [12, 32], stride: 2),
    item("mixed_stride2_160_112_3x3", [1, 15, 15], [3, 3], [160, 112], stride: 2),
    item("mixed_dilated2_36_72", [2, 24, 24], [3, 3], [36, 72], dilation: 2),
    item("mixed_dilated2_80_48", [4, 16, 16], [3, 3], [80, 48], dilation: 2),
    item("mixed_groups8_64", [2, 21, 21], [3, 3], [64, 64], groups: 8),
    item("mixed_groups5_60", [3, 18, 18], [3, 3], [60, 60], groups: 5),
    item("mixed_groups48_192", [2, 16, 16], [3, 3], [192, 192], groups: 48),
    item("mixed_groups2_112", [2, 22, 22], [3, 3], [112, 112], groups: 2),
    item("mixed_groups8_96", [1, 30, 30], [3, 3], [96, 96], groups: 8),
    item("mixed_gray_12_3x3", [8, 24, 24], [3, 3], [1, 12], first: true),
    item("mixed_gray_12_5x5", [8, 36, 36], [5, 5], [1, 12], first: true),
    item("mixed_gray_16_7x7", [4, 40, 40], [7, 7], [1, 16], first: true),
    item("mixed_gray_32_5x5", [12, 26, 26], [5, 5], [1, 32], first: true),
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
