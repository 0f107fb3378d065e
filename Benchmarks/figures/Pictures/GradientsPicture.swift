import Im2col

/// The gradients of kernel, image and bias as sums over the four windows.
enum GradientsPicture {
  static func make() throws -> Picture {
    let example = try WorkedExample()
    let columns = try im2col(example.image, example.geometry)
    let gradient = example.outputGradient.scalars
    let results = try convolutionGradients(
      of: example.outputGradient, input: example.image, kernel: example.kernel, padding: .valid)
    var picture = Picture(
      height: 428,
      title:
        "The kernel's gradient is the sum of the four windows, each times the gradient of its output; the "
        + "image's gradient is the sum of four copies of the kernel, each laid where its window was; the bias' "
        + "gradient is the sum of the four numbers.")
    let (cell, first, step) = (24.0, 96.0, 126.0)

    func row(
      _ title: String, _ y: Double, terms: [NumberGrid], result: NumberGrid
    ) {
      picture.marks.append(.text(title, Point(18, y + terms[0].height / 2 + 4), .left(bold: true)))
      for (index, term) in terms.enumerated() {
        let x = first + Double(index) * step
        picture.marks += term.marks(at: Point(x, y))
        picture.marks.append(
          .text(
            (index == 0 ? "" : "+ ") + "\(NumberGrid.text(gradient[index])) \u{00D7}",
            Point(x, y - 9), .left(13, WorkedExample.inks[index].line, bold: true)))
      }
      let x = first + 4 * step
      picture.marks.append(.text("=", Point(x - 14, y + result.height / 2 + 6), .centered(18)))
      picture.marks += result.marks(at: Point(x, y))
    }

    let windows = (0..<4).map { window in
      NumberGrid(
        (0..<3).map { row in
          (0..<3).map { NumberGrid.text(columns.scalars[window * 9 + row * 3 + $0]) }
        }, cell: cell
      ).filled { _, _ in WorkedExample.inks[window].tint }
    }
    row(
      "kernel", 52, terms: windows, result: NumberGrid(try results.kernel.reshaped(to: [3, 3]), cell: cell))

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
    row("image", 190, terms: copies, result: NumberGrid(results.input, cell: cell))

    let ones = (0..<4).map { window in
      NumberGrid([["1"]], cell: cell).filled { _, _ in WorkedExample.inks[window].tint }
    }
    row(
      "bias", 352, terms: ones, result: NumberGrid([[NumberGrid.text(results.bias.scalars[0])]], cell: cell))
    picture.marks.append(
      .text(
        "The numbers in front are the output\u{2019}s gradient: 1, \u{2212}1, 0, 2.", Point(first, 408),
        .left(12, .faint)))
    return picture
  }
}
