import ConvNet
import Foundation
import Im2col

/// AlexNet's layers as blocks, from the model's own layers: as high as the maps, as wide as the channels.
enum AlexNetPicture {
  /// What stands in one column.
  private struct Block {
    var name: String
    var output: [Int]
    /// What the layer is, in a few words.
    var text: [String]
    var towers = 1
    var ink: (tint: Ink, line: Ink)
    /// Layers without a block of their own, written below.
    var followers: [String] = []
  }

  static func make(_: MeasuredFolder) throws -> Picture {
    let layers = AlexNet.layers()
    // The plan alone: sizes without sixty million parameters.
    let plan = try NetworkPlan(inputShape: AlexNet.inputShape, layers: layers)
    var blocks = [
      Block(name: "image", output: AlexNet.inputShape, text: [], ink: (.cell, .faint))
    ]
    for (layer, row) in zip(layers, plan.layers) {
      switch layer.kind {
      case .convolution(let convolution):
        blocks.append(
          Block(
            name: row.name, output: row.output, text: [window(convolution.kernel, convolution.stride)],
            towers: convolution.groups, ink: (.blueTint, .blue)))
      case .dense:
        blocks.append(Block(name: row.name, output: row.output, text: [], ink: (.orangeTint, .orange)))
      case .pooling(let pooling):
        blocks[blocks.count - 1].followers += [
          "max " + window(pooling.window, pooling.stride), "\u{2192} " + sizes(row.output),
        ]
      case .responseNormalization: blocks[blocks.count - 1].followers.append("normalization")
      case .dropout(let dropout): blocks[blocks.count - 1].followers.append("dropout \(dropout.rate)")
      case .flatten, .activation: break
      }
    }
    return draw(blocks)
  }

  private static func sizes(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: "\u{00D7}")
  }

  /// `3×3 / 2` for windows of 3x3 with stride 2.
  private static func window(_ size: Size2D, _ stride: Size2D) -> String {
    sizes([size.height, size.width]) + (stride == 1 ? "" : " / \(stride.height)")
  }

  private static func draw(_ blocks: [Block]) -> Picture {
    let (middle, step) = (138.0, 80.0)
    var picture = Picture(
      height: 374,
      title:
        "AlexNet's layers: an image of 227 x 227 x 3, five convolutions (55 x 55 x 96, 27 x 27 x 256, 13 x 13 x 384, "
        + "13 x 13 x 384, 13 x 13 x 256), two dense layers of 4096 and one of 1000; the second, fourth and fifth "
        + "convolution are split into two halves.")
    for (index, block) in blocks.enumerated() {
      let x = 40 + Double(index) * step
      let isMap = block.output.count == 3
      // Roots, so that 227 and 13 rows, and 3 and 384 channels, fit on one page.
      let height =
        isMap ? Double(block.output[0]).squareRoot() * 10.6 : Double(block.output[0]).squareRoot() * 2.2
      let width = isMap ? max(Double(block.output[2]).squareRoot() * 2.2, 5) : 14.0
      let halves = block.towers
      for half in 0..<halves {
        let part = (height - Double(halves - 1) * 5) / Double(halves)
        let box = Box(x - width / 2, middle - height / 2 + Double(half) * (part + 5), width, part)
        picture.marks.append(.box(box, fill: block.ink.tint, stroke: Stroke(block.ink.line, 1.3), corner: 2))
      }
      if index + 1 < blocks.count {
        let next = blocks[index + 1]
        let nextWidth = next.output.count == 3 ? max(Double(next.output[2]).squareRoot() * 2.2, 5) : 14.0
        picture.marks.append(
          .line(
            [Point(x + width / 2 + 4, middle), Point(x + step - nextWidth / 2 - 4, middle)], Stroke(.faint)))
      }
      picture.marks.append(.text(block.name, Point(x, 36), .centered(12.5, bold: true)))
      var lines = [sizes(block.output)] + block.text
      if halves > 1 { lines.append("two halves") }
      for (line, text) in (lines + block.followers).enumerated() {
        let style = TextStyle.centered(10.8, line == 0 ? .ink : .faint, bold: line == 0)
        picture.marks.append(.text(text, Point(x, 240 + 15 * Double(line)), style))
      }
    }
    picture.marks.append(
      .text("11\u{00D7}11 / 4: windows of 11\u{00D7}11, stride 4", Point(696, 358), .right(11.5, .faint)))
    return picture
  }
}
