import ConvNet

/// Shows people how a training goes: a line that is redrawn on a terminal, a line an epoch elsewhere.
final class ProgressDisplay: TrainingObserver {
  private let terminal: Terminal
  private let clock = ContinuousClock()
  private var started = ContinuousClock.now
  private var epochStarted = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?
  private var epochs = 1

  /// Often enough to look alive, seldom enough to cost nothing.
  private static let pause = Duration.milliseconds(100)

  init(_ terminal: Terminal) { self.terminal = terminal }

  func began(_ outline: TrainingOutline) throws {
    epochs = outline.epochs
    (started, epochStarted) = (clock.now, clock.now)
    let validating =
      outline.validationImages > 0 ? ", validating on \(NumberText.grouped(outline.validationImages))" : ""
    try terminal.stream.line(
      """
      LeNet-5 with \(NumberText.grouped(outline.parameters)) parameters: training on \
      \(NumberText.grouped(outline.trainImages)) images\(validating), in batches of \
      \(NumberText.grouped(outline.batchSize)) (seed \(outline.seed), \(outline.threads) threads)
      """)
  }

  func finishedBatch(_ report: BatchReport) throws {
    guard terminal.redraws else { return }
    let now = clock.now
    if let lastDrawn, now - lastDrawn < Self.pause { return }
    lastDrawn = now
    // Over the whole training, so that the time of validations is in it.
    let done = Double(report.epoch) + Double(report.batch + 1) / Double(report.batches)
    let line = ProgressLine(
      epoch: report.epoch + 1, epochs: epochs, batch: report.batch + 1, batches: report.batches,
      loss: report.running.loss, accuracy: report.running.accuracy,
      imagesPerSecond: Double(report.running.images) / (now - epochStarted).inSeconds,
      secondsLeft: (now - started).inSeconds / done * (Double(epochs) - done))
    try redraw(line.text(columns: terminal.columns, style: terminal.style))
  }

  func finishedEpoch(_ record: EpochRecord) throws {
    if terminal.redraws {
      try redraw(EpochLine.text(record, columns: terminal.columns) + "\n")
    } else {
      try terminal.stream.line(EpochLine.text(record))
    }
    (epochStarted, lastDrawn) = (clock.now, nil)
  }

  func stopped() throws {
    if lastDrawn != nil { try terminal.stream.write("\n") }
  }

  /// Puts a text where the line before stood: back to the first column, text, erase what is left over.
  private func redraw(_ text: String) throws {
    let (line, end) = text.hasSuffix("\n") ? (String(text.dropLast()), "\n") : (text, "")
    try terminal.stream.write("\r" + line + "\u{1B}[K" + end)
  }
}
