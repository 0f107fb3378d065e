import ConvNet
import Im2col

/// A network of two convolutions: values on the left, from top to bottom; their gradients on the right, from
/// bottom to top; kernels and kernel gradients in the middle.
enum OneGradientPicture {
  private static let cell = 28.0
  private static let (left, middle, right) = (124.0, 300.0, 446.0)

  static func make() throws -> Picture {
    let network = try WholeNetworkExample()
    var picture = Picture(
      width: 540, height: 880,
      title:
        "A 6x6 image passes through a 3x3 convolution, ReLU, 2x2 max pooling, a 2x2 convolution with two kernels and "
        + "softmax; both probabilities are 1/2. Backward, the gradient of the logits is \u{2212}1/2 and 1/2, that of "
        + "the maxima 1, \u{2212}2, 3, 1; the 3 stops at ReLU; the gradient of the first kernel is the sum of three "
        + "windows of the image, times 1, \u{2212}2 and 1.")

    picture.marks += [
      .text("forward \u{2193}", Point(left, 28), .centered(15, .faint, bold: true)),
      .text("kernels", Point(middle, 28), .centered(15, .faint, bold: true)),
      .text("backward \u{2191}", Point(right, 28), .centered(15, .faint, bold: true)),
    ]
    drawInputs(network, &picture)
    drawMaps(network, &picture)
    drawEnd(network, &picture)
    return picture
  }

  /// The image, the first kernel and its gradient.
  private static func drawInputs(_ network: WholeNetworkExample, _ picture: inout Picture) {
    let top = 70.0
    let image = grid(network.image, "x: image, 6 \u{00D7} 6")
    let corner = Point(left - image.width / 2, top)
    picture.marks += image.marks(at: corner)
    for (window, gradient) in network.mapGradient.scalars.enumerated() where gradient != 0 {
      let (row, column) = (window / 4, window % 4)
      picture.marks.append(
        image.outline(
          at: corner, rows: row..<row + 3, columns: column..<column + 3,
          Stroke(quadrant(row, column).line, 3)))
    }
    add(grid(network.kernel, "w: 3 \u{00D7} 3"), middle, top, &picture)
    add(grid(network.kernelGradient, "dL/dw", .blueTint), middle, top + 3 * cell + 34, &picture)
    for (line, text) in ["the image needs", "no gradient"].enumerated() {
      picture.marks.append(.text(text, Point(right, top + 76 + 18 * Double(line)), .centered(13.5, .faint)))
    }
  }

  /// The feature map before and after ReLU, and how the kernel gradient follows.
  private static func drawMaps(_ network: WholeNetworkExample, _ picture: inout Picture) {
    let (first, second) = (310.0, 482.0)
    let tint = { (row: Int, column: Int) in quadrant(row, column).tint }
    add(grid(network.map, "y: 4 \u{00D7} 4").filled(tint), left, first, &picture)
    add(grid(network.active, "a: 4 \u{00D7} 4").filled(tint), left, second, &picture)
    for (window, winner) in network.winners.enumerated() {
      let corner = Point(left - 2 * cell, second)
      picture.marks.append(
        grid(network.active, "").outline(
          at: corner, rows: winner.row..<winner.row + 1, columns: winner.column..<winner.column + 1,
          Stroke(WorkedExample.inks[window].line, 2.5)))
    }
    add(sparse(network.mapGradient, "dL/dy"), right, first, &picture)
    add(sparse(network.activeGradient, "dL/da"), right, second, &picture)

    picture.marks += arrow(left, 242, 288, "kernel w", .left(13.5, .faint))
    picture.marks += arrow(left, 426, 460, "ReLU", .left(13.5, .faint))
    picture.marks += arrow(right, 460, 426, "if y > 0", .left(13.5, .faint))
    picture.marks += Mark.arrow(
      from: Point(right - 60, first + 10), to: Point(middle + 48, 258), Stroke(.ink, 1.6))

    var y = first + 28
    picture.marks.append(.text("dL/dw =", Point(middle, y), .centered(14, bold: true)))
    for (window, gradient) in network.poolGradient.scalars.enumerated()
    where network.maxima.scalars[window] > 0 {
      y += 21
      let name = ["blue", "orange", "green", "red"][window]
      let sign = window == 0 ? "" : gradient < 0 ? "\u{2212} " : "+ "
      picture.marks.append(
        .text(
          "\(sign)\(NumberGrid.text(abs(gradient))) \u{00D7} \(name) window", Point(middle, y),
          .centered(13.5, WorkedExample.inks[window].line, bold: true)))
    }
  }

  /// The maxima, the second kernels, the logits and the probabilities.
  private static func drawEnd(_ network: WholeNetworkExample, _ picture: inout Picture) {
    let (pooled, logits) = (654.0, 816.0)
    let tint = { (row: Int, column: Int) in WorkedExample.inks[2 * row + column].tint }
    add(grid(network.maxima, "p: 2 \u{00D7} 2").filled(tint), left, pooled, &picture)
    add(grid(network.poolGradient, "dL/dp").filled(tint), right, pooled, &picture)
    for kernel in 0..<2 {
      let x = middle + (Double(kernel) - 0.5) * 84
      add(grid(network.secondKernels[kernel], "v[\(kernel)]"), x, pooled, &picture)
      add(
        grid(network.secondKernelGradients[kernel], "dL/dv[\(kernel)]", .blueTint), x, pooled + 90, &picture)
    }
    add(grid(network.logits, "z: logits"), left, logits, &picture)
    add(grid(network.probabilities, "q: softmax"), middle, logits + 30, &picture)
    add(grid(network.logitGradient, "dL/dz = q \u{2212} t"), right, logits, &picture)

    picture.marks += arrow(left, 598, 632, "maxima", .left(13.5, .faint))
    picture.marks += arrow(right, 632, 598, "maxima", .left(13.5, .faint))
    picture.marks += arrow(left, 714, 794, "kernels v", .left(13.5, .faint))
    picture.marks += arrow(right, 794, 714, "kernels v", .left(13.5, .faint))
    picture.marks += Mark.arrow(
      from: Point(left + 34, logits + 18), to: Point(middle - 38, logits + 42), Stroke(.ink, 1.6))
    picture.marks += Mark.arrow(
      from: Point(middle + 34, logits + 42), to: Point(right - 38, logits + 18), Stroke(.ink, 1.6))
  }

  private static func quadrant(_ row: Int, _ column: Int) -> (line: Ink, tint: Ink) {
    WorkedExample.inks[row / 2 * 2 + column / 2]
  }

  private static func grid(_ tensor: Tensor, _ caption: String, _ ink: Ink = .cell) -> NumberGrid {
    NumberGrid(tensor, cell: cell).filled { _, _ in ink }.captioned(caption)
  }

  /// A 4x4 gradient; only the positions that receive one have a color.
  private static func sparse(_ tensor: Tensor, _ caption: String) -> NumberGrid {
    grid(tensor, caption).filled { row, column in
      tensor.scalars[row * 4 + column] == 0 ? .cell : quadrant(row, column).tint
    }
  }

  /// Centers a grid at `x`.
  private static func add(_ grid: NumberGrid, _ x: Double, _ y: Double, _ picture: inout Picture) {
    picture.marks += grid.marks(at: Point(x - grid.width / 2, y))
  }

  /// A vertical arrow with a label to its right.
  private static func arrow(_ x: Double, _ from: Double, _ to: Double, _ text: String, _ style: TextStyle)
    -> [Mark]
  {
    Mark.arrow(from: Point(x, from), to: Point(x, to), Stroke(.ink, 1.6))
      + [.text(text, Point(x + 10, (from + to) / 2 + 5), style)]
  }
}
