import ConvNetFiles

/// Loss and accuracy over the epochs: two charts and a table.
struct CurvesView {
  let charts: [ChartView]
  let epochs: [EpochView]
  let epochCount: String
  let hasValidation: Bool
  let lowestLossEpoch: String

  /// A row of the table.
  struct EpochView {
    let epoch, loss, accuracy, validationLoss, validationAccuracy: String
  }

  init(_ history: [EpochScores]) {
    hasValidation = history.contains { $0.validationLoss != nil }
    epochCount = history.count == 1 ? "one epoch" : "\(history.count) epochs"
    let losses = history.map { $0.validationLoss ?? $0.loss }
    lowestLossEpoch = losses.indices.min { losses[$0] < losses[$1] }.map { String($0 + 1) } ?? ""
    epochs = history.enumerated().map { index, scores in
      EpochView(
        epoch: String(index + 1), loss: NumberText.fixed(scores.loss, 4),
        accuracy: NumberText.percent(scores.accuracy, 2),
        validationLoss: scores.validationLoss.map { NumberText.fixed($0, 4) } ?? "–",
        validationAccuracy: scores.validationAccuracy.map { NumberText.percent($0, 2) } ?? "–")
    }
    charts = [
      ChartView(
        name: "Loss", unit: "",
        curves: [
          ("training", history.map(\.loss)), ("validation", history.map(\.validationLoss)),
        ]),
      ChartView(
        name: "Accuracy", unit: "%", limit: 100,
        curves: [
          ("training", history.map { 100 * $0.accuracy }),
          ("validation", history.map { $0.validationAccuracy.map { 100 * $0 } }),
        ]),
    ]
  }
}
