import Im2col

/// A 4x4 image, its four windows as the rows of a matrix, and the product with the kernel.
enum ColumnsPicture {
  static func make() throws -> Picture {
    let example = try WorkedExample()
    let columns = try im2col(example.image, example.geometry)
    let products = try multiply(columns, example.kernel.reshaped(to: [9, 1]))
    var picture = Picture(
      width: 560, height: 526,
      title:
        "A 4x4 image is laid out as a matrix of four rows, one for each 3x3 window, and multiplied by the "
        + "nine numbers of the kernel; the four products are the 2x2 output.")

    let image = NumberGrid(example.image).captioned("image", note: "4 x 4")
    let imageAt = Point(30, 46)
    picture.marks += image.marks(at: imageAt)
    for index in WorkedExample.inks.indices.reversed() {
      // Each outline a little inside the one before, so that all four can be followed.
      let (rows, cols) = WorkedExample.window(index)
      let inset = 2 + 1.2 * Double(index)
      picture.marks.append(
        .box(
          Box(
            imageAt.x + Double(cols.lowerBound) * image.cell + inset,
            imageAt.y + Double(rows.lowerBound) * image.cell + inset,
            3 * image.cell - 2 * inset, 3 * image.cell - 2 * inset),
          stroke: Stroke(WorkedExample.inks[index].line, 2), corner: 3))
    }
    picture.marks += NumberGrid(try example.kernel.reshaped(to: [3, 3])).captioned("kernel", note: "3 x 3")
      .marks(at: Point(186, 61))

    let matrix = NumberGrid(columns).filled { row, _ in WorkedExample.inks[row].tint }
      .captioned("columns: one window per row", note: "4 x 9")
    picture.marks += matrix.marks(at: Point(30, 298))
    picture.marks.append(.text("\u{00D7}", Point(318, 364), .centered(20)))
    picture.marks += NumberGrid(try example.kernel.reshaped(to: [9, 1])).captioned("kernel", note: "9 x 1")
      .marks(at: Point(336, 223))
    picture.marks.append(.text("=", Point(384, 364), .centered(20)))
    picture.marks += NumberGrid(products).filled { row, _ in WorkedExample.inks[row].tint }
      .captioned("products", note: "4 x 1").marks(at: Point(404, 298))
    picture.marks.append(.text("=", Point(452, 364), .centered(20)))
    picture.marks += NumberGrid(try products.reshaped(to: [2, 2]))
      .filled { row, column in WorkedExample.inks[2 * row + column].tint }
      .captioned("output", note: "2 x 2").marks(at: Point(474, 328))

    let sum = [
      "the blue row:", "1\u{00B7}1 + 2\u{00B7}0 + 0\u{00B7}(\u{2212}1)",
      "+ 3\u{00B7}1 + 1\u{00B7}0 + 1\u{00B7}(\u{2212}1)",
      "+ 0\u{00B7}1 + 2\u{00B7}0 + 4\u{00B7}(\u{2212}1) = \u{2212}1",
    ]
    for (line, text) in sum.enumerated() {
      let ink = line == 0 ? WorkedExample.inks[0].line : .ink
      picture.marks.append(.text(text, Point(318, 66 + 26 * Double(line)), .left(15.5, ink)))
    }
    return picture
  }
}
