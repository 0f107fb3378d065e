import ConvNet

/// How well each class is recognized and which ones are mixed up, for people and for programs.
///
///     class  images  recall  precision
///     0         980  99.49%     99.19%
///     ...
///     4 taken for 9: 7 times
package struct ClassResults {
  private let names: [String]
  private let confusion: ConfusionMatrix

  private static let shownConfusions = 5

  /// - Precondition: a name a class.
  package init(_ confusion: ConfusionMatrix, names: [String]) {
    precondition(names.count == confusion.classes, "\(names.count) names for \(confusion.classes) classes")
    (self.confusion, self.names) = (confusion, names)
  }

  /// A table of the classes, an empty line, and the worst confusions, if there are any.
  package var lines: [String] {
    let confusions = confusion.worstConfusions(Self.shownConfusions).map { worst in
      let times = worst.count == 1 ? "1 time" : "\(NumberText.grouped(worst.count)) times"
      return "\(names[worst.label]) taken for \(names[worst.prediction]): \(times)"
    }
    return table + (confusions.isEmpty ? [] : [""] + confusions)
  }

  private var table: [String] {
    let rows = names.indices.map { label in
      [
        names[label], NumberText.grouped(confusion.images(of: label)), share(confusion.recall(of: label)),
        share(confusion.precision(of: label)),
      ]
    }
    let cells = [["class", "images", "recall", "precision"]] + rows
    let widths = (0..<4).map { column in cells.map { $0[column].count }.max() ?? 0 }
    return cells.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + blanks : blanks + cell.0
      }.joined(separator: "  ")
    }
  }

  private func share(_ share: Double?) -> String { share.map { NumberText.percent($0, 2) } ?? "-" }

  /// Adds what `lines` show, and all counts: `confusion[label][prediction]`. A share without a value is null.
  package func add(to line: inout JSONLine) throws {
    struct Confusion: Encodable {
      let label, prediction: String
      let count: Int
    }
    let classes = confusion.classes
    try line.add("classes", names)
    try line.add("recall", (0..<classes).map { confusion.recall(of: $0) })
    try line.add("precision", (0..<classes).map { confusion.precision(of: $0) })
    try line.add(
      "worst_confusions",
      confusion.worstConfusions(Self.shownConfusions).map {
        Confusion(label: names[$0.label], prediction: names[$0.prediction], count: $0.count)
      })
    try line.add(
      "confusion", (0..<classes).map { label in (0..<classes).map { confusion[label, $0] } })
  }
}
