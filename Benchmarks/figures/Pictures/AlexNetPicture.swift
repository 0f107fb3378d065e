import ConvNet
import Foundation
import Im2col

/// AlexNet as two rows of boxes, one for each GPU of the paper, from the layers of `AlexNet`.
enum AlexNetPicture {
  /// One column: the image or a layer with parameters.
  private struct Column {
    var name: String
    /// The output of one GPU, `[height, width, channels]` or `[units]`; of the whole network where it is not split.
    var output: [Int]
    /// The size and stride of a convolution's kernel.
    var kernel = ""
    /// Whether the layer reads the outputs of both GPUs.
    var crosses = false
    /// Layers without parameters that follow.
    var followers: [String] = []
  }

  /// A cuboid: rows are its height, channels its width, columns its depth.
  private struct Cuboid {
    let center: Point
    let height, width, depth: Double

    var left: Double { center.x - width / 2 }
    var right: Double { center.x + width / 2 }
    var top: Double { center.y - height / 2 }
    var bottom: Double { center.y + height / 2 }
    /// How the depth is projected.
    var dx: Double { depth * 0.8 }
    var dy: Double { depth * 0.6 }

    /// Where arrows end and begin.
    var entry: Point { Point(left - 3, center.y) }
    var exit: Point { Point(right + dx + 3, center.y - dy / 2) }

    func marks(_ ink: (line: Ink, tint: Ink)) -> [Mark] {
      let front = [Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom)]
      let roof = [
        Point(left, top), Point(left + dx, top - dy), Point(right + dx, top - dy), Point(right, top),
      ]
      let side = [
        Point(right, top), Point(right + dx, top - dy), Point(right + dx, bottom - dy), Point(right, bottom),
      ]
      var marks: [Mark] = []
      for (face, shade) in [(front, 0.0), (roof, 0.2), (side, 0.45)] {
        marks += [
          .area(face, ink.tint, opacity: 1), .area(face, ink.line, opacity: shade),
          .line(face + [face[0]], Stroke(ink.line, 1.2)),
        ]
      }
      return marks
    }
  }

  static func make(_: MeasuredFolder) throws -> Picture {
    draw(try columns())
  }

  private static func columns() throws -> [Column] {
    // The plan alone: sizes without sixty million parameters.
    let plan = try NetworkPlan(Graph(inputShape: AlexNet.inputShape, AlexNet.layers()))
    var columns = [Column(name: "image", output: AlexNet.inputShape)]
    for row in plan.nodes {
      switch row.layer {
      case let convolution as ConvolutionLayer:
        let output = [row.outputShape[0], row.outputShape[1], row.outputShape[2] / 2]
        let isFirst = columns.count == 1
        columns.append(
          Column(
            name: row.name, output: output, kernel: window(convolution.kernel, convolution.stride),
            crosses: !isFirst && convolution.groups == 1))
      case let dense as DenseLayer:
        let isLast = dense.units == AlexNet.classes
        columns.append(
          Column(name: row.name, output: [isLast ? dense.units : dense.units / 2], crosses: true))
      case is PoolingLayer: columns[columns.count - 1].followers.append("max pool")
      case is ResponseNormalizationLayer: columns[columns.count - 1].followers.append("LRN")
      case is DropoutLayer: columns[columns.count - 1].followers.append("dropout")
      default: break
      }
    }
    return columns
  }

  /// `11×11 /4` for kernels of 11x11 with stride 4.
  private static func window(_ size: Size2D, _ stride: Size2D) -> String {
    "\(size.height)\u{00D7}\(size.width)" + (stride == 1 ? "" : " /\(stride.height)")
  }

  private static func draw(_ columns: [Column]) -> Picture {
    let centers = [48.0, 136, 214, 288, 362, 436, 510, 584, 654]
    let lanes: [(y: Double, name: String, ink: (line: Ink, tint: Ink))] = [
      (140, "GPU 1", (.blue, .blueTint)), (330, "GPU 2", (.orange, .orangeTint)),
    ]
    let middle = (lanes[0].y + lanes[1].y) / 2
    var picture = Picture(
      width: 700, height: 574,
      title:
        "AlexNet on two GPUs: an image of 227 x 227 x 3; on each GPU, convolutions with 48 maps of 55 x 55, 128 of "
        + "27 x 27, 192, 192 and 128 of 13 x 13, then two dense layers of 2048 units; 1000 classes. The third "
        + "convolution and the dense layers read the outputs of both GPUs; all other layers read one.")

    for lane in lanes {
      let band = Box(96, lane.y - 80, 520, 160)
      picture.marks.append(
        .area(
          [
            Point(band.x, band.y), Point(band.x + band.width, band.y),
            Point(band.x + band.width, band.y + band.height), Point(band.x, band.y + band.height),
          ], lane.ink.tint, opacity: 0.35))
    }
    picture.marks += [
      .text(lanes[0].name, Point(330, lanes[0].y + 70), .centered(17, lanes[0].ink.line, bold: true)),
      .text(lanes[1].name, Point(330, lanes[1].y + 70), .centered(17, lanes[1].ink.line, bold: true)),
    ]

    // The cuboids of each column: one for each lane, or one in the middle.
    let cuboids = zip(columns, centers).map { column, x in
      let isSplit = column.name != "image" && column.output != [AlexNet.classes]
      return (isSplit ? lanes.map(\.y) : [middle]).map { cuboid(column.output, Point(x, $0)) }
    }
    for index in 1..<columns.count {
      for (to, target) in cuboids[index].enumerated() {
        for (from, source) in cuboids[index - 1].enumerated() {
          let isCrossing = cuboids[index].count == 2 && cuboids[index - 1].count == 2 && from != to
          guard !isCrossing || columns[index].crosses else { continue }
          picture.marks += Mark.arrow(
            from: source.exit, to: target.entry, Stroke(isCrossing ? .red : .ink, isCrossing ? 2 : 1.5),
            head: 7)
        }
      }
    }
    for (column, row) in zip(columns, cuboids) {
      for (lane, cuboid) in row.enumerated() {
        let ink: (line: Ink, tint: Ink) = row.count == 2 ? lanes[lane].ink : (.faint, .cell)
        picture.marks += cuboid.marks(ink)
        if column.name == "image" { picture.marks += scene(on: cuboid) }
      }
    }

    for (column, x) in zip(columns, centers) {
      picture.marks.append(.text(column.name, Point(x, 38), .centered(15.5, bold: true)))
      var rows: [(String, TextStyle)] = []
      if column.output.count == 3 {
        rows.append(("\(column.output[0])\u{00D7}\(column.output[1])", .centered(16.5)))
        rows.append(("\u{00D7} \(column.output[2])", .centered(16.5)))
      } else {
        rows.append(("\(column.output[0])", .centered(16.5)))
        rows.append(("", .centered(16.5)))
      }
      rows.append((column.kernel, .centered(15.5, .green)))
      rows += column.followers.map { ($0, .centered(14.5, .faint)) }
      for (index, row) in rows.enumerated() where !row.0.isEmpty {
        picture.marks.append(.text(row.0, Point(x, 438 + 21 * Double(index)), row.1))
      }
    }
    picture.marks += [
      .text("kernel", Point(48, 480), .centered(15.5, .green)),
      .text("then", Point(48, 501), .centered(14.5, .faint)),
      Mark.line([Point(24, 549), Point(52, 549)], Stroke(.red, 2)),
      .text("crosses between the GPUs", Point(60, 554), .left(15)),
      .text("sizes are per GPU", Point(676, 554), .right(15, .faint)),
    ]
    return picture
  }

  /// Lengths are square roots, so that 227 and 13 rows, and 3 and 2048 channels, fit into one picture.
  private static func cuboid(_ output: [Int], _ center: Point) -> Cuboid {
    let sizes = output.map { Double($0).squareRoot() }
    if sizes.count == 1 { return Cuboid(center: center, height: sizes[0] * 2.4, width: 13, depth: 11) }
    return Cuboid(
      center: center, height: sizes[0] * 9.4, width: max(sizes[2] * 1.75, 4), depth: sizes[1] * 3.9)
  }

  /// A sun over hills on the face of the image.
  private static func scene(on image: Cuboid) -> [Mark] {
    func place(_ across: Double, _ down: Double) -> Point {
      Point(image.right + across * image.dx, image.top + down * image.height - across * image.dy)
    }
    let sun = (0..<16).map { index in
      let angle = Double(index) / 8 * .pi
      return place(0.68 + 0.16 * cos(angle), 0.27 + 0.11 * sin(angle))
    }
    let hills = [
      place(0, 0.72), place(0.2, 0.5), place(0.42, 0.7), place(0.7, 0.48), place(1, 0.74), place(1, 1),
      place(0, 1),
    ]
    let sky = [place(0, 0), place(1, 0), place(1, 1), place(0, 1)]
    return [
      .area(sky, .cell, opacity: 1), .area(sky, .blueTint, opacity: 1), .area(sun, .orange, opacity: 1),
      .area(hills, .green, opacity: 1), .line(sky + [sky[0]], Stroke(.faint, 1.2)),
    ]
  }
}
