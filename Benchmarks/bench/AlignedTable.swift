import Im2col

/// Lines of cells under a head, names to the left and all else to the right, written as they come.
struct AlignedTable {
  let first: String
  let columns: [(title: String, width: Int)]
  private let nameWidth: Int

  /// - Parameters:
  ///   - first: title of the names' column.
  ///   - names: all that will come, so that the columns are aligned from the beginning.
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
