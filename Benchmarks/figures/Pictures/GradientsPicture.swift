import Im2col

/// The gradients of kernel, image and bias as sums over the four windows.
enum GradientsPicture {
  private static let cell = 29.0
  private static let first = 76.0

  static func make() throws -> Picture {
    let example = try WorkedExample()
    let columns = try im2col(example.image, example.geometry)
    let gradient = example.outputGradient.scalars
    let results = try convolutionGradients(
      of: example.outputGradient, input: example.image, kernel: example.kernel, padding: .valid)
    var picture = Picture(
      width: 560, height: 736,
      title:
        "The kernel gradient is the sum of the four windows, each times its output gradient; the image gradient is "
        + "the sum of four copies of the kernel, each at the position of its window; the bias gradient is the sum "
        + "of the four output gradients.")

    /// Two rows of two terms each, and the sum.
    func sum(_ title: String, _ y: Double, step: Double, terms: [NumberGrid], result: NumberGrid) {
      let height = terms[0].height
      picture.marks.append(.text(title, Point(18, y + height + 26), .left(15, bold: true)))
      for (index, term) in terms.enumerated() {
        let x = first + 18 + Double(index % 2) * step
        let top = y + Double(index / 2) * (height + 40)
        picture.marks += term.marks(at: Point(x, top))
        let factor = NumberGrid.text(abs(gradient[index]))
        let sign = gradient[index] < 0 ? "\u{2212} " : index == 0 ? "" : "+ "
        picture.marks.append(
          .text(
            "\(sign)\(factor) \u{00D7}", Point(x, top - 9),
            .left(15, WorkedExample.inks[index].line, bold: true)))
      }
      let x = 412.0
      picture.marks.append(.text("=", Point(x - 22, y + height + 26), .centered(22)))
      picture.marks += result.marks(at: Point(x, y + height + 20 - result.height / 2))
    }

    let windows = (0..<4).map { window in
      NumberGrid(
        (0..<3).map { row in
          (0..<3).map { NumberGrid.text(columns.scalars[window * 9 + row * 3 + $0]) }
        }, cell: cell
      ).filled { _, _ in WorkedExample.inks[window].tint }
    }
    sum(
      "dL/dw", 44, step: 145, terms: windows,
      result: NumberGrid(try results.kernel.reshaped(to: [3, 3]), cell: cell).captioned("kernel gradient"))

    let copies = (0..<4).map { window in
      let (rows, cols) = WorkedExample.window(window)
      let texts = (0..<4).map { row in
        (0..<4).map { column in
          rows.contains(row) && cols.contains(column)
            ? NumberGrid.text(
              example.kernel.scalars[(row - rows.lowerBound) * 3 + column - cols.lowerBound]) : ""
        }
      }
      return NumberGrid(texts, cell: cell).filled { row, column in
        rows.contains(row) && cols.contains(column) ? WorkedExample.inks[window].tint : .card
      }
    }
    sum(
      "dL/dx", 304, step: 145, terms: copies,
      result: NumberGrid(results.input, cell: cell).captioned("image gradient"))

    let ones = (0..<4).map { window in
      NumberGrid([["1"]], cell: cell).filled { _, _ in WorkedExample.inks[window].tint }
    }
    sum(
      "dL/db", 612, step: 145, terms: ones,
      result: NumberGrid([[NumberGrid.text(results.bias.scalars[0])]], cell: cell).captioned("bias gradient"))
    picture.marks.append(
      .text(
        "factors: the output gradient dL/dy = 1, \u{2212}1, 0, 2", Point(18, 726), .left(14, .faint)))
    return picture
  }
}
