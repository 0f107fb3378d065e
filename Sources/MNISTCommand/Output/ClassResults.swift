import ConvNet

/// The recall and precision of each class and the most frequent confusions, as text and JSON.
///
///     class  images  recall  precision
///     0         980  99.49%     99.19%
///     ...
///     4 predicted as 9: 7 times
package struct ClassResults {
  private let names: [String]
  private let confusion: ConfusionMatrix

  private static let shownConfusions = 5

  /// - Precondition: There is one name per class.
  package init(_ confusion: ConfusionMatrix, names: [String]) {
    precondition(names.count == confusion.classes, "\(names.count) names for \(confusion.classes) classes")
    (self.confusion, self.names) = (confusion, names)
  }

  /// A table of the classes, then an empty line and the most frequent confusions, if any.
  package var lines: [String] {
    let confusions = confusion.mostFrequentConfusions(Self.shownConfusions).map { worst in
      let times = worst.count == 1 ? "1 time" : "\(worst.count.grouped) times"
      return "\(names[worst.label]) predicted as \(names[worst.prediction]): \(times)"
    }
    return table + (confusions.isEmpty ? [] : [""] + confusions)
  }

  private var table: [String] {
    let rows = names.indices.map { label in
      [
        names[label], confusion.images(of: label).grouped, percentage(confusion.recall(of: label)),
        percentage(confusion.precision(of: label)),
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

  private func percentage(_ fraction: Double?) -> String { fraction.map { NumberText.percent($0, 2) } ?? "-" }

  /// Adds the same values and all counts: `confusion[label][prediction]`. An undefined recall or precision is
  /// null.
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
      confusion.mostFrequentConfusions(Self.shownConfusions).map {
        Confusion(label: names[$0.label], prediction: names[$0.prediction], count: $0.count)
      })
    try line.add(
      "confusion", (0..<classes).map { label in (0..<classes).map { confusion[label, $0] } })
  }
}
