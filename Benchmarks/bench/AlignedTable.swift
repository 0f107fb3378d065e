import Im2col

/// A table whose rows are printed as they come: names aligned to the left, other cells to the right.
struct AlignedTable {
  let first: String
  let columns: [(title: String, width: Int)]
  private let nameWidth: Int

  /// - Parameters:
  ///   - first: the title of the column of names.
  ///   - names: the names of all rows, from which the width of their column follows.
  init(first: String, names: [String], columns: [(title: String, width: Int)]) {
    (self.first, self.columns) = (first, columns)
    nameWidth = ([first] + names).map(\.printable.count).max() ?? 0
  }

  func head() throws { try line(first, columns.map(\.title)) }

  func line(_ name: String, _ cells: [String]) throws {
    let padded = zip(cells, columns).map { cell, column in
      String(repeating: " ", count: max(0, column.width - cell.count)) + cell
    }
    let name = name.printable
    let shown = name + String(repeating: " ", count: max(0, nameWidth - name.count))
    try StandardOutput.say(([shown] + padded).joined(separator: "  "))
  }
}
