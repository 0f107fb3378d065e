import Im2col

/// Residual networks.
///
/// He, Zhang, Ren, Sun, "Deep residual learning for image recognition", arXiv 1512.03385.
///
///     block     x --conv 3x3, bn, relu--conv 3x3, bn-- + --relu-->
///               \_________ identity, or conv 1x1, bn __/
///
/// The shortcut is a convolution with the stride of the block where the shape changes: option B of section 3.3.
/// Convolutions have no bias, because a batch normalization follows each of them. Strided convolutions pad both
/// sides equally, as PyTorch does.
public enum ResNet {
  /// Returns the layers of ResNet-20 for small images (section 4.2 with n = 3): 32x32x3 in the paper.
  ///
  ///     conv 3x3x16 -> 3 blocks of 16 -> 3 of 32, stride 2 -> 3 of 64, stride 2 -> mean of every channel -> dense
  ///
  /// - Parameter classes: the number of classes.
  public static func layers20(classes: Int = 10) -> [Block] {
    layers20(classes: classes, widths: [16, 32, 64])
  }

  /// Returns ResNet-20 with other numbers of channels. Tests use smaller ones.
  package static func layers20(classes: Int, widths: [Int]) -> [Block] {
    convolution(widths[0], 3) + [.activation(.relu)] + stages(widths, blocks: 3) + head(classes)
  }

  /// Returns the layers of ResNet-18 for images of 224x224x3 (table 1).
  ///
  ///     conv 7x7x64, stride 2 -> max 3x3, stride 2 -> 2 blocks of 64 -> 2 of 128 -> 2 of 256 -> 2 of 512
  ///     -> mean of every channel -> dense
  ///
  /// - Parameter classes: the number of classes.
  public static func layers18(classes: Int = 1000) -> [Block] {
    layers18(classes: classes, widths: [64, 128, 256, 512])
  }

  /// Returns ResNet-18 with other numbers of channels. Tests use smaller ones.
  package static func layers18(classes: Int, widths: [Int]) -> [Block] {
    convolution(widths[0], 7, stride: 2)
      + [
        .activation(.relu),
        .maxPooling(window: 3, stride: 2, padding: .explicit(top: 1, bottom: 1, left: 1, right: 1)),
      ] + stages(widths, blocks: 2) + head(classes)
  }

  /// Stages of blocks of equal width; the first block of every later stage has stride 2.
  private static func stages(_ widths: [Int], blocks: Int) -> [Block] {
    var layers: [Block] = []
    for (stage, width) in widths.enumerated() {
      for block in 0..<blocks {
        let isFirst = block == 0 && stage > 0
        layers += [
          .residual(
            convolution(width, 3, stride: isFirst ? 2 : 1) + [.activation(.relu)] + convolution(width, 3),
            shortcut: isFirst ? convolution(width, 1, stride: 2) : []),
          .activation(.relu),
        ]
      }
    }
    return layers
  }

  private static func head(_ classes: Int) -> [Block] {
    [.globalAveragePooling(), .dense(units: classes, activation: .softmax)]
  }

  /// A convolution without bias and its batch normalization, padded by half a kernel on each side.
  static func convolution(
    _ filters: Int, _ kernel: Int, stride: Int = 1, groups: Int = 1
  ) -> [Block] {
    let pad = kernel / 2
    return [
      .convolution(
        filters: filters, kernel: Size2D(height: kernel, width: kernel),
        stride: Size2D(height: stride, width: stride), groups: groups,
        padding: .explicit(top: pad, bottom: pad, left: pad, right: pad), useBias: false,
        initializer: .heNormal),
      .batchNormalization(),
    ]
  }
}
