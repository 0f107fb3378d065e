/// One digit on its way through LeNet-5.
enum FeatureMapsPicture {
  static func make(_ measured: MeasuredFolder) throws -> Picture {
    let maps = try measured.read(FeatureMaps.self, "feature-maps.json")
    // Pixels of the picture for a pixel of the map, and maps a row.
    let styles: [(layer: String, side: Double, perRow: Int, text: String)] = [
      ("input", 3, 1, "input 28 x 28"), ("conv1", 3, 6, "conv1: 6 maps of 28 x 28"),
      ("pool1", 3, 6, "pool1: 6 maps of 14 x 14"), ("conv2", 3, 16, "conv2: 16 maps of 10 x 10"),
      ("pool2", 6, 16, "pool2: 16 maps of 5 x 5"), ("dense1", 4.6, 1, "dense1: 120 numbers"),
      ("dense2", 4.6, 1, "dense2: 84 numbers"),
    ]
    var picture = Picture(
      height: 640,
      title:
        "A handwritten \(maps.label) on its way through LeNet-5: the image, six maps that answer to edges and "
        + "strokes, the same at half the size, sixteen smaller maps, two rows of numbers, and ten probabilities of "
        + "which that of \(maps.label) is the largest.")
    var y = 34.0
    for style in styles {
      guard let layer = maps.layers.first(where: { $0.name == style.layer }) else { continue }
      picture.marks.append(.text(style.text, Point(24, y), .left(13, bold: true)))
      y += 9
      let (width, height) = (Double(layer.width) * style.side, Double(layer.height) * style.side)
      let thickness = layer.height == 1 ? 14 : height
      for (index, digits) in layer.maps.enumerated() {
        let map = PixelMap(
          height: layer.height, width: layer.width, strengths: digits.compactMap(\.hexDigitValue))
        let gap = layer.height == 28 && layer.maps.count == 6 ? 18.0 : 12
        let at = Point(
          24 + Double(index % style.perRow) * (width + gap),
          y + Double(index / style.perRow) * (height + gap))
        picture.marks.append(
          .box(Box(at.x, at.y, width, thickness), fill: .cell, stroke: Stroke(.line, 0.7)))
        if layer.height == 1 {
          // A row of numbers, each a bar as high as the row.
          for (column, strength) in map.strengths.enumerated() where strength > 0 {
            let size = Double(strength) / Double(PixelMap.levels) * thickness
            picture.marks.append(
              .box(
                Box(at.x + Double(column) * style.side, y + thickness - size, style.side - 1, size),
                fill: .blue))
          }
        } else {
          picture.marks.append(.pixels(map, at, side: style.side, .blue))
        }
      }
      y += thickness + 30
    }
    picture.marks.append(
      .text("dense3: probabilities of the ten digits", Point(24, y), .left(13, bold: true)))
    for (digit, share) in maps.probabilities.enumerated() {
      let x = 24 + Double(digit) * 67
      let box = Box(x, y + 12, 63, 22)
      picture.marks.append(.box(box, fill: .cell, stroke: Stroke(.line)))
      picture.marks.append(
        .box(
          Box(x, y + 12, 63 * Double(share) / 1000, 22), fill: digit == maps.label ? .greenTint : .orangeTint)
      )
      picture.marks.append(.text("\(digit)", Point(x + 5, y + 28), .left(13, bold: true)))
      picture.marks.append(
        .text(number(Double(share) / 10) + " %", Point(x + 59, y + 28), .right(11)))
    }
    return Picture(width: 720, height: y + 58, title: picture.title, marks: picture.marks)
  }
}
