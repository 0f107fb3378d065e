import Im2col

/// One image and one kernel under the four padding rules.
enum PaddingPicture {
  static func make() throws -> Picture {
    let rules: [(String, Padding)] = [
      (".valid", .valid), (".same", .same), (".sameExtent", .sameExtent),
      (".explicit, 1 a side", .explicit(top: 1, bottom: 1, left: 1, right: 1)),
    ]
    var picture = Picture(
      width: 480, height: 620,
      title:
        "A 5x5 image and a 4x4 kernel with stride 2: .valid pads nothing and gives 1x1, .same pads one row "
        + "before and two after and gives 3x3, .sameExtent pads four on every side and gives 5x5, one explicit row "
        + "on every side gives 2x2.")
    let cell = 15.0
    for (index, (name, padding)) in rules.enumerated() {
      let axis = try WindowGeometry(input: 5, kernel: 4, stride: 2, padding: padding).height
      let cells = axis.before + axis.input + axis.after
      let (middle, top) = (24 + (Double(index % 2) + 0.5) * 216, Double(index / 2) * 288)
      let corner = Point(middle - Double(cells) * cell / 2, top + 138 - Double(cells) * cell / 2)
      let blank = [[String]](repeating: [String](repeating: "", count: cells), count: cells)
      let grid = NumberGrid(blank, cell: cell).filled { row, column in
        let image = axis.before..<axis.before + axis.input
        return image.contains(row) && image.contains(column) ? .blueTint : .cell
      }
      picture.marks.append(.text(name, Point(middle, top + 30), .centered(15.5, bold: true)))
      picture.marks += grid.marks(at: corner)
      let last = (axis.output - 1) * axis.stride
      // The kernel at its last position, then at its first.
      for (start, ink) in [(last, Ink.green), (0, Ink.orange)] {
        picture.marks.append(
          grid.outline(
            at: corner, rows: start..<start + 4, columns: start..<start + 4, Stroke(ink, 2)))
      }
      for row in 0..<axis.output {
        for column in 0..<axis.output {
          let (x, y) = (Double(column * axis.stride) + 0.5, Double(row * axis.stride) + 0.5)
          picture.marks.append(
            .dot(Point(corner.x + x * cell, corner.y + y * cell), radius: 3.2, fill: .ink))
        }
      }
      picture.marks.append(
        .text("\(axis.before) before, \(axis.after) after", Point(middle, top + 252), .centered(14.5)))
      picture.marks.append(
        .text(
          "5 x 5 \u{2192} \(axis.output) x \(axis.output)", Point(middle, top + 272),
          .centered(14.5, bold: true)))
    }
    picture.marks += [
      .text("blue: image, empty: padding, dots: where windows begin", Point(24, 588), .left(14, .faint)),
      .text("orange: first window, green: last window", Point(24, 608), .left(14, .faint)),
    ]
    return picture
  }
}
