import Im2col

/// MobileNetV2, a network of depthwise convolutions.
///
/// Sandler, Howard, Zhu, Zhmoginov, Chen, "MobileNetV2: inverted residuals and linear bottlenecks", arXiv
/// 1801.04381, table 2.
///
///     block     x --conv 1x1 to t * channels, bn, relu6--depthwise 3x3, bn, relu6--conv 1x1, bn-- + -->
///               \________________________ identity, if the shape is the same ___________________/
public enum MobileNetV2 {
  /// A row of table 2.
  private struct Stage {
    /// The factor by which the first convolution of a block widens its input, *t* in the paper.
    let expansion: Int
    let channels, blocks, stride: Int
  }

  private static let stages = [
    Stage(expansion: 1, channels: 16, blocks: 1, stride: 1),
    Stage(expansion: 6, channels: 24, blocks: 2, stride: 2),
    Stage(expansion: 6, channels: 32, blocks: 3, stride: 2),
    Stage(expansion: 6, channels: 64, blocks: 4, stride: 2),
    Stage(expansion: 6, channels: 96, blocks: 3, stride: 1),
    Stage(expansion: 6, channels: 160, blocks: 3, stride: 2),
    Stage(expansion: 6, channels: 320, blocks: 1, stride: 1),
  ]

  /// Returns the layers for images of 224x224x3.
  ///
  /// - Parameter classes: the number of classes.
  public static func layers(classes: Int = 1000) -> [Block] { layers(classes: classes, dividedBy: 1) }

  /// Returns the layers with numbers of channels divided by `divisor`. Tests use smaller ones.
  package static func layers(classes: Int, dividedBy divisor: Int) -> [Block] {
    func narrow(_ channels: Int) -> Int { max(2, channels / divisor) }
    var layers = ResNet.convolution(narrow(32), 3, stride: 2) + [.activation(.relu6)]
    var channels = narrow(32)
    for stage in stages {
      for index in 0..<stage.blocks {
        let (stride, output) = (index == 0 ? stage.stride : 1, narrow(stage.channels))
        let body = block(from: channels, to: output, expansion: stage.expansion, stride: stride)
        layers += stride == 1 && channels == output ? [.residual(body)] : body
        channels = output
      }
    }
    return layers + ResNet.convolution(narrow(1280), 1) + [
      .activation(.relu6), .globalAveragePooling(), .dropout(rate: 0.2),
      .dense(units: classes, activation: .softmax),
    ]
  }

  private static func block(
    from channels: Int, to output: Int, expansion: Int, stride: Int
  ) -> [Block] {
    let hidden = channels * expansion
    let widening = expansion > 1 ? ResNet.convolution(hidden, 1) + [.activation(.relu6)] : []
    return widening + ResNet.convolution(hidden, 3, stride: stride, groups: hidden) + [.activation(.relu6)]
      + ResNet.convolution(output, 1)
  }
}
