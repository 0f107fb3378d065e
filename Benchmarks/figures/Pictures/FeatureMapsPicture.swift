/// The outputs of every layer of LeNet-5 for one digit.
enum FeatureMapsPicture {
  private static let (width, left) = (560.0, 24.0)

  static func make(_ measured: MeasuredFolder) throws -> Picture {
    let maps = try measured.read(FeatureMaps.self, "feature-maps.json")
    func layer(_ name: String) throws -> FeatureMaps.Layer {
      guard let layer = maps.layers.first(where: { $0.name == name }) else { throw Missing(name: name) }
      return layer
    }
    let second =
      maps.probabilities.enumerated().filter { $0.offset != maps.label }
      .max { $0.element < $1.element }?.offset ?? 0
    var marks: [Mark] = []
    var y = 34.0

    // The image, with its label to the right.
    let image = try layer("input")
    marks.append(.text("input: 28 \u{00D7} 28", Point(left, y), .left(15, bold: true)))
    marks += draw(image, map: 0, at: Point(left, y + 12), side: 4)
    for (line, text) in ["a test image", "of a \(maps.label)", "that also looks", "like a \(second)"]
      .enumerated()
    {
      marks.append(.text(text, Point(left + 132, y + 44 + 22 * Double(line)), .left(15, .faint)))
    }
    y += 160
    marks += Mark.arrow(from: Point(left + 56, y - 32), to: Point(left + 56, y - 14), Stroke(.ink, 1.6))

    // Each kernel of conv1 above its map.
    marks.append(
      .text(
        "conv1, ReLU: 6 kernels 5 \u{00D7} 5, 6 maps 28 \u{00D7} 28", Point(left + 74, y - 18),
        .left(15, bold: true)))
    marks += [
      .text("kernels:", Point(left + 370, y - 40), .right(14, .faint)),
      .text("positive", Point(left + 440, y - 40), .right(14, .blue, bold: true)),
      .text("negative", Point(left + 514, y - 40), .right(14, .orange, bold: true)),
    ]
    let step = 87.0
    for (index, kernel) in maps.kernels.enumerated() {
      let corner = Point(left + Double(index) * step + 13, y)
      marks.append(.box(Box(corner.x, corner.y, 50, 50), fill: .cell, stroke: Stroke(.line)))
      for (sign, ink) in [(1, Ink.blue), (-1, .orange)] {
        let map = PixelMap(height: 5, width: 5, strengths: kernel.map { max(sign * $0, 0) })
        marks.append(.pixels(map, corner, side: 10, ink))
      }
      marks += Mark.arrow(
        from: Point(corner.x + 25, y + 55), to: Point(corner.x + 25, y + 77), Stroke(.ink, 1.4), head: 6)
    }
    y += 82

    // The maps: the size of a pixel and the number of maps in a row.
    let rows: [(layer: String, side: Double, perRow: Int, step: Double, text: String)] = [
      ("conv1", 2.7, 6, step, ""),
      ("pool1", 5.4, 6, step, "max pool: 6 maps, 14 \u{00D7} 14"),
      ("conv2", 5.4, 8, 65, "conv2, ReLU: 16 maps, 10 \u{00D7} 10"),
      ("pool2", 10.8, 8, 65, "max pool: 16 maps, 5 \u{00D7} 5"),
    ]
    for (index, row) in rows.enumerated() {
      let layer = try layer(row.layer)
      let size = Double(layer.height) * row.side
      if index > 0 { marks += caption(row.text, &y) }
      for map in layer.maps.indices {
        let corner = Point(
          left + Double(map % row.perRow) * row.step, y + Double(map / row.perRow) * (size + 10))
        marks += draw(layer, map: map, at: corner, side: row.side)
      }
      y += Double(layer.maps.count / row.perRow) * (size + 10) - 10
    }

    for (name, units, text) in [
      ("dense1", 120.0, "dense1, ReLU: 120 numbers"), ("dense2", 84, "dense2, ReLU: 84 numbers"),
    ] {
      marks += caption(text, &y)
      let (step, height) = ((width - 2 * left) / units, 22.0)
      marks.append(.box(Box(left, y, width - 2 * left, height), fill: .cell, stroke: Stroke(.line)))
      for (unit, digit) in try layer(name).maps[0].enumerated() {
        let bar = Double(digit.hexDigitValue ?? 0) / Double(PixelMap.levels) * height
        guard bar > 0 else { continue }
        marks.append(.box(Box(left + Double(unit) * step, y + height - bar, step - 1, bar), fill: .blue))
      }
      y += height
    }

    marks += caption("dense3, softmax: 10 probabilities", &y)
    y += 18
    for (digit, thousandths) in maps.probabilities.enumerated() {
      let (step, height) = ((width - 2 * left) / 10, 70.0)
      let x = left + Double(digit) * step
      let bar = Double(thousandths) / 1000 * height
      marks.append(.box(Box(x + 4, y, step - 8, height), fill: .cell, stroke: Stroke(.line)))
      marks.append(
        .box(Box(x + 4, y + height - bar, step - 8, bar), fill: digit == maps.label ? .green : .orange))
      marks.append(.text("\(digit)", Point(x + step / 2, y + height + 19), .centered(15, bold: true)))
      if thousandths >= 10 {
        let text = "\((thousandths + 5) / 10)%"
        marks.append(.text(text, Point(x + step / 2, y - 5), .centered(13.5)))
      }
    }
    y += 70
    return Picture(
      width: width, height: y + 36,
      title:
        "A handwritten \(maps.label) passes through LeNet-5: the image, six kernels and their feature maps, the maps "
        + "at half the size, sixteen smaller maps, two rows of numbers, and ten probabilities; the largest are those "
        + "of \(maps.label) and \(second).",
      marks: marks)
  }

  /// An arrow from the row above and the caption of the next one; `y` moves to where that row begins.
  private static func caption(_ text: String, _ y: inout Double) -> [Mark] {
    let arrow = Mark.arrow(from: Point(left + 37, y + 7), to: Point(left + 37, y + 31), Stroke(.ink, 1.6))
    y += 38
    return arrow + [.text(text, Point(left + 56, y - 13), .left(15, bold: true))]
  }

  private static func draw(_ layer: FeatureMaps.Layer, map: Int, at corner: Point, side: Double) -> [Mark] {
    let pixels = PixelMap(
      height: layer.height, width: layer.width, strengths: layer.maps[map].compactMap(\.hexDigitValue))
    let box = Box(corner.x, corner.y, Double(layer.width) * side, Double(layer.height) * side)
    return [.box(box, fill: .cell, stroke: Stroke(.line)), .pixels(pixels, corner, side: side, .blue)]
  }

  private struct Missing: Error, CustomStringConvertible {
    let name: String
    var description: String {
      "feature-maps.json has no layer \"\(name)\"; write it again with: swift run -c release figures feature-maps"
    }
  }
}
