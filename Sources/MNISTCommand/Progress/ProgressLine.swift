/// A running epoch in one line, in the width there is.
///
///     epoch 2/5  ████████████▌·········  812/1,563  loss 0.0712  accuracy 0.9781  24,310 images/s  8 s left
///     2/5 █████▍··  812/1563 0.0712 97.8% 24.3k/s 8s
///     2/5 ███▏··  812/1563 0.071 98% 24k/s 8s
package struct ProgressLine {
  /// Counted from 1.
  package var epoch: Int
  package var epochs: Int
  /// Batches done in this epoch.
  package var batch: Int
  package var batches: Int
  package var loss: Double
  package var accuracy: Double
  package var imagesPerSecond: Double
  /// Until the last epoch is done.
  package var secondsLeft: Double
  /// Whether all batches are done and the validation goes on.
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
  /// Cells that a bar may shrink to so that all fields stay.
  private static let tightBarCells = 3

  /// The line without its end; at most `columns - 1` characters, as the last column makes some terminals wrap.
  package func text(columns: Int, style: TextStyle) -> String {
    let room = max(columns - 1, 0)
    let barRoom = Self.barCells.lowerBound + 2
    guard room > barRoom else {
      return String("\(epoch)/\(epochs)".prefix(room))
    }
    var fitted = FittedFields(fields, room: room - barRoom)
    if fitted.texts.count < fields.count {
      // Rather a short bar than a field less; where even that does not help, the bar tells the batch.
      fitted = FittedFields(tightFields, room: room - Self.tightBarCells - 1, separators: [" "])
      if fitted.texts.count < fields.count {
        fitted = FittedFields(tightFields, room: room - barRoom, separators: [" "])
      }
    }
    let (front, back) = (fitted.texts.prefix(1), fitted.texts.dropFirst())
    let left = room - fitted.width - fitted.separator.count
    let bar = Bar(style: style, cells: min(left, Self.barCells.upperBound))
    let share = batches > 0 ? Double(batch) / Double(batches) : 0
    return (front + [bar.text(share)] + back).joined(separator: fitted.separator)
  }

  /// The batch, as wide as the last one will be: nothing jumps when a digit is added.
  private func place(_ text: (Int) -> String) -> String {
    guard !validates else { return "validating" }
    let (done, all) = (text(batch), text(batches))
    return String(repeating: " ", count: max(all.count - done.count, 0)) + done + "/" + all
  }

  private var fields: [FittedFields.Field] {
    [
      .init("epoch \(epoch)/\(epochs)", "epoch \(epoch)/\(epochs)", "\(epoch)/\(epochs)", rank: 0),
      .init(place(NumberText.grouped), place(String.init), rank: 5),
      .init(
        "loss \(NumberText.fixed(loss, 4))", "loss \(NumberText.fixed(loss, 4))", NumberText.fixed(loss, 4),
        rank: 1),
      .init(
        "accuracy \(NumberText.fixed(accuracy, 4))", "acc \(NumberText.fixed(accuracy, 4))",
        NumberText.percent(accuracy, 1), rank: 2),
      .init(
        "\(NumberText.grouped(imagesPerSecond)) images/s", "\(NumberText.short(imagesPerSecond))/s", rank: 4),
      .init(
        "\(NumberText.seconds(secondsLeft)) left", "\(NumberText.shortSeconds(secondsLeft)) left",
        NumberText.shortSeconds(secondsLeft), rank: 3),
    ]
  }

  /// Fewer digits: on a narrow terminal they are worth less than the fields.
  private var tightFields: [FittedFields.Field] {
    [
      .init("\(epoch)/\(epochs)", rank: 0),
      .init(place(String.init), rank: 5),
      .init(NumberText.fixed(loss, 3), rank: 1),
      .init(NumberText.percent(accuracy, 0), rank: 2),
      .init("\(NumberText.short(imagesPerSecond, decimals: 0))/s", rank: 4),
      .init(NumberText.shortSeconds(secondsLeft), rank: 3),
    ]
  }
}
