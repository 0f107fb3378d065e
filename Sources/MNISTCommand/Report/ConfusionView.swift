import ConvNet

/// The confusion matrix as a table with shaded cells; every cell has its number.
struct ConfusionView {
  let predictions: [HeadingView]
  let rows: [RowView]
  /// Whether the columns have numbers as headings, because the class names are long.
  let isNumbered: Bool
  let worst: [WorstView]
  let hasWorst: Bool

  struct HeadingView {
    let short, full: String
  }

  struct RowView {
    let number, className: String
    let cells: [CellView]
    let recall: String
  }

  struct CellView {
    let count: String
    /// `right`, `wrong` or `none`.
    let style: String
    /// In 0...1.
    let shade: String
  }

  struct WorstView {
    let worstSeparator, worstLabel, worstPrediction, worstCount: String
  }

  init(_ matrix: ConfusionMatrix, classNames: [String]) {
    let isNumbered = classNames.contains { $0.count > 2 }
    self.isNumbered = isNumbered
    predictions = classNames.enumerated().map {
      HeadingView(short: isNumbered ? String($0) : $1, full: $1)
    }
    let maxCount = matrix.mostFrequentConfusions(1).first?.count ?? 1
    rows = classNames.enumerated().map { label, name in
      let cells = (0..<matrix.classes).map { prediction in
        let count = matrix[label, prediction]
        let isRight = label == prediction
        let shade = isRight ? matrix.recall(of: label) ?? 0 : Double(count) / Double(maxCount)
        return CellView(
          count: String(count), style: isRight ? "right" : count > 0 ? "wrong" : "none",
          shade: NumberText.fixed(shade, 2))
      }
      let recall = matrix.recall(of: label).map { NumberText.fixed(100 * $0, 1) } ?? "–"
      return RowView(number: isNumbered ? String(label) : "", className: name, cells: cells, recall: recall)
    }
    let confusions = matrix.mostFrequentConfusions(3)
    hasWorst = !confusions.isEmpty
    worst = confusions.enumerated().map { place, confusion in
      WorstView(
        worstSeparator: place == 0 ? "" : place == confusions.count - 1 ? " and " : ", ",
        worstLabel: classNames[confusion.label], worstPrediction: classNames[confusion.prediction],
        worstCount: confusion.count == 1 ? "once" : "\(confusion.count) times")
    }
  }
}
