/// A running epoch as one line that fits the terminal.
///
///     epoch 2/5  ████████████▌·········  812/1,563  loss 0.0712  accuracy 0.9781  24,310 images/s  8 s left
///     2/5 █████▍··  812/1563 0.0712 97.8% 24.3k/s 8s
///     2/5 ███▏··  812/1563 0.071 98% 24k/s 8s
package struct ProgressLine {
  /// Counted from 1.
  package var epoch: Int
  package var epochs: Int
  /// The number of completed batches of this epoch.
  package var batch: Int
  package var batches: Int
  package var loss: Double
  package var accuracy: Double
  package var imagesPerSecond: Double
  /// The estimated time to the end of the last epoch.
  package var secondsLeft: Double
  /// Whether all batches are done and the validation is running.
  package var validates: Bool

  package init(
    epoch: Int, epochs: Int, batch: Int, batches: Int, loss: Double, accuracy: Double,
    imagesPerSecond: Double, secondsLeft: Double, validates: Bool = false
  ) {
    (self.epoch, self.epochs, self.batch, self.batches) = (epoch, epochs, batch, batches)
    (self.loss, self.accuracy) = (loss, accuracy)
    (self.imagesPerSecond, self.secondsLeft, self.validates) = (imagesPerSecond, secondsLeft, validates)
  }

  private static let barCells = 7...32
  /// The minimum width of the bar when all fields are kept.
  private static let tightBarCells = 3

  /// The line without a newline; at most `columns - 1` characters, because the last column makes some
  /// terminals wrap.
  package func text(columns: Int, style: TextStyle) -> String {
    let room = max(columns - 1, 0)
    let barRoom = Self.barCells.lowerBound + 2
    guard room > barRoom else {
      return String("\(epoch)/\(epochs)".prefix(room))
    }
    var fitted = FittedFields(fields, room: room - barRoom)
    if fitted.texts.count < fields.count {
      // Prefer a short bar to dropping a field. If a field must go, drop the batch, which the bar shows too.
      fitted = FittedFields(tightFields, room: room - Self.tightBarCells - 1, separators: [" "])
      if fitted.texts.count < fields.count {
        fitted = FittedFields(tightFields, room: room - barRoom, separators: [" "])
      }
    }
    let (front, back) = (fitted.texts.prefix(1), fitted.texts.dropFirst())
    let left = room - fitted.width - fitted.separator.count
    let bar = Bar(style: style, cells: min(left, Self.barCells.upperBound))
    let fraction = batches > 0 ? Double(batch) / Double(batches) : 0
    return (front + [bar.text(fraction)] + back).joined(separator: fitted.separator)
  }

  /// The batch, padded to the width of the last one, so that the fields do not move.
  private func position(_ text: (Int) -> String) -> String {
    guard !validates else { return "validating" }
    let (done, all) = (text(batch), text(batches))
    return String(repeating: " ", count: max(all.count - done.count, 0)) + done + "/" + all
  }

  private var fields: [FittedFields.Field] {
    [
      .init("epoch \(epoch)/\(epochs)", "epoch \(epoch)/\(epochs)", "\(epoch)/\(epochs)", rank: 0),
      .init(position { $0.grouped }, position { String($0) }, rank: 5),
      .init(
        "loss \(NumberText.fixed(loss, 4))", "loss \(NumberText.fixed(loss, 4))", NumberText.fixed(loss, 4),
        rank: 1),
      .init(
        "accuracy \(NumberText.fixed(accuracy, 4))", "acc \(NumberText.fixed(accuracy, 4))",
        NumberText.percent(accuracy, 1), rank: 2),
      .init(
        "\(imagesPerSecond.grouped) images/s", "\(NumberText.short(imagesPerSecond))/s", rank: 4),
      .init(
        "\(NumberText.seconds(secondsLeft)) left", "\(NumberText.shortSeconds(secondsLeft)) left",
        NumberText.shortSeconds(secondsLeft), rank: 3),
    ]
  }

  /// Fewer digits: a narrow terminal drops digits before fields.
  private var tightFields: [FittedFields.Field] {
    [
      .init("\(epoch)/\(epochs)", rank: 0),
      .init(position { String($0) }, rank: 5),
      .init(NumberText.fixed(loss, 3), rank: 1),
      .init(NumberText.percent(accuracy, 0), rank: 2),
      .init("\(NumberText.short(imagesPerSecond, decimals: 0))/s", rank: 4),
      .init(NumberText.shortSeconds(secondsLeft), rank: 3),
    ]
  }
}
