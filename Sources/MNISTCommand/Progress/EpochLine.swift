/// A completed epoch as one line.
///
///     epoch 1/5  loss 0.2305  accuracy 0.9312  validation loss 0.0700  validation accuracy 0.9790  24,310 images/s  2.3 s
package enum EpochLine {
  /// The full line for logs, or at most `columns - 1` characters for a terminal.
  package static func text(_ record: EpochRecord, columns: Int = Int.max) -> String {
    let fitted = FittedFields(fields(of: record), room: max(columns - 1, 0))
    return fitted.texts.joined(separator: fitted.separator)
  }

  private static func fields(of record: EpochRecord) -> [FittedFields.Field] {
    let four = { NumberText.fixed($0, 4) }
    let (epoch, score) = ("\(record.epoch)/\(record.epochs)", record.training)
    var fields: [FittedFields.Field] = [
      .init("epoch \(epoch)", "epoch \(epoch)", epoch, rank: 0),
      .init("loss \(four(score.loss))", "loss \(four(score.loss))", four(score.loss), rank: 1),
      .init("accuracy \(four(score.accuracy))", "acc \(four(score.accuracy))", four(score.accuracy), rank: 2),
    ]
    if let validation = record.validation {
      let (loss, accuracy) = (four(validation.loss), four(validation.accuracy))
      fields += [
        .init("validation loss \(loss)", "val \(loss)", rank: 4),
        .init("validation accuracy \(accuracy)", "acc \(accuracy)", accuracy, rank: 3),
      ]
    }
    return fields + [
      .init(
        "\(record.imagesPerSecond.grouped) images/s",
        "\(NumberText.short(record.imagesPerSecond))/s", rank: 6),
      .init("\(NumberText.fixed(record.seconds, 1)) s", "\(NumberText.fixed(record.seconds, 1))s", rank: 5),
    ]
  }
}
