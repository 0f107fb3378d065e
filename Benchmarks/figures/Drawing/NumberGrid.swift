import Im2col

/// A matrix as a grid of cells with a number in each.
struct NumberGrid {
  /// The text of each cell; may be empty.
  let rows: [[String]]
  let cell: Double
  var fill: (_ row: Int, _ column: Int) -> Ink = { _, _ in .cell }
  /// The text above, in bold.
  var caption = ""
  /// The text below.
  var note = ""

  init(_ rows: [[String]], cell: Double = 30) { (self.rows, self.cell) = (rows, cell) }

  /// One image of one channel, `[1, height, width, 1]`, or a matrix, `[height, width]`.
  init(_ tensor: Tensor, cell: Double = 30) {
    let (height, width) =
      tensor.shape.count == 4 ? (tensor.shape[1], tensor.shape[2]) : (tensor.shape[0], tensor.shape[1])
    precondition(tensor.count == height * width, "a grid shows one image of one channel")
    let rows = (0..<height).map { row in
      (0..<width).map { NumberGrid.text(tensor.scalars[row * width + $0]) }
    }
    self.init(rows, cell: cell)
  }

  var width: Double { Double(rows.first?.count ?? 0) * cell }
  var height: Double { Double(rows.count) * cell }

  func filled(_ ink: @escaping (_ row: Int, _ column: Int) -> Ink) -> NumberGrid {
    var copy = self
    copy.fill = ink
    return copy
  }

  func captioned(_ caption: String, note: String = "") -> NumberGrid {
    var copy = self
    (copy.caption, copy.note) = (caption, note)
    return copy
  }

  func marks(at origin: Point) -> [Mark] {
    var marks: [Mark] = []
    for (row, texts) in rows.enumerated() {
      for (column, text) in texts.enumerated() {
        let box = Box(origin.x + Double(column) * cell, origin.y + Double(row) * cell, cell, cell)
        marks.append(.box(box, fill: fill(row, column), stroke: Stroke(.line)))
        guard !text.isEmpty else { continue }
        // Short numbers are larger, so that they can be read on a phone.
        let size = cell * (text.count > 3 ? 0.41 : text.count > 2 ? 0.46 : 0.52)
        marks.append(.text(text, Point(box.center.x, box.center.y + size * 0.36), .centered(size)))
      }
    }
    let middle = origin.x + width / 2
    if !caption.isEmpty {
      marks.append(.text(caption, Point(middle, origin.y - 9), .centered(14, bold: true)))
    }
    if !note.isEmpty {
      marks.append(.text(note, Point(middle, origin.y + height + 18), .centered(13.5, .faint)))
    }
    return marks
  }

  /// The outline of a block of cells.
  func outline(
    at origin: Point, rows: Range<Int>, columns: Range<Int>, _ stroke: Stroke
  ) -> Mark {
    .box(
      Box(
        origin.x + Double(columns.lowerBound) * cell, origin.y + Double(rows.lowerBound) * cell,
        Double(columns.count) * cell, Double(rows.count) * cell), stroke: stroke)
  }

  /// `-3`, `0.25`: no more digits than the number has, and a real minus sign.
  static func text(_ value: Float) -> String {
    let whole = value.rounded() == value ? String(Int(value)) : String(value)
    return whole.replacing("-", with: "\u{2212}")
  }
}
