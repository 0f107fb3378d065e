import ConvNet
import Im2col

/// Maxima and means of four windows, and the input gradient under both tie rules.
enum PoolingPicture {
  static func make() throws -> Picture {
    let image = try Tensor(shape: [1, 4, 4, 1], scalars: [1, 3, 2, 2, 3, 0, 2, 2, 0, 5, 4, 1, 1, 2, 0, 4])
    let gradient = try Tensor(shape: [1, 2, 2, 1], scalars: [1, 2, 3, 4])
    let maxima = try pool(image, .max, window: 2, stride: 2)
    let means = try pool(image, .average, window: 2, stride: 2)
    func back(_ mode: PoolingMode, _ ties: PoolingTies) throws -> Tensor {
      try poolingGradient(of: gradient, input: image, mode, window: 2, stride: 2, ties: ties)
    }
    let (first, all, mean) = (
      try back(.max, .first), try back(.max, .all), try back(.average, .first)
    )
    var picture = Picture(
      width: 540, height: 634,
      title:
        "Pooling a 4x4 image by 2x2 windows: the maxima are 3, 2, 5, 4 and the means 1.75, 2, 2, 2.25. With the "
        + "output gradient 1, 2, 3, 4 the first rule gives each window's gradient to its first maximum, the second "
        + "to every maximum, and the mean spreads it evenly.")
    let tint = { (row: Int, column: Int) in WorkedExample.inks[row / 2 * 2 + column / 2].tint }
    let small = { (row: Int, column: Int) in WorkedExample.inks[row * 2 + column].tint }
    func onlyNonzero(_ tensor: Tensor) -> (Int, Int) -> Ink {
      { row, column in tensor.scalars[row * 4 + column] == 0 ? .cell : tint(row, column) }
    }

    picture.marks.append(.text("forward", Point(24, 30), .left(15, .faint, bold: true)))
    picture.marks += NumberGrid(image, cell: 34).filled(tint).captioned("image", note: "4 x 4")
      .marks(at: Point(60, 64))
    picture.marks += NumberGrid(maxima, cell: 34).filled(small).captioned("max", note: "2 x 2")
      .marks(at: Point(272, 98))
    picture.marks += NumberGrid(means, cell: 34).filled(small).captioned("average", note: "2 x 2")
      .marks(at: Point(420, 98))

    picture.marks.append(.text("backward", Point(24, 262), .left(15, .faint, bold: true)))
    picture.marks += NumberGrid(gradient, cell: 34).filled(small)
      .captioned("output gradient", note: "2 x 2").marks(at: Point(94, 330))
    for (x, y, tensor, name) in [
      (318.0, 296.0, first, "max, ties: .first"), (60, 472, all, "max, ties: .all"),
      (318, 472, mean, "average"),
    ] {
      picture.marks += NumberGrid(tensor, cell: 34).filled(onlyNonzero(tensor))
        .captioned(name).marks(at: Point(x, y))
    }
    return picture
  }
}
