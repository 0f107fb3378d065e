import ConvNet

/// Shows people how a training goes: a line that is redrawn on a terminal, a line an epoch elsewhere.
final class ProgressDisplay: TrainingObserver {
  private let terminal: Terminal
  private let clock = ContinuousClock()
  private var started = ContinuousClock.now
  private var epochStarted = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?
  private var epochs = 1
  /// Epochs, and a part of one, that were done when we started.
  private var doneBefore: Double?

  /// Often enough to look alive, seldom enough to cost nothing.
  private static let pause = Duration.milliseconds(100)

  init(_ terminal: Terminal) { self.terminal = terminal }

  func began(_ outline: TrainingOutline) {
    epochs = outline.epochs
    (started, epochStarted) = (clock.now, clock.now - .seconds(outline.done.seconds))
    let validating =
      outline.validationImages > 0 ? ", validating on \(NumberText.grouped(outline.validationImages))" : ""
    terminal.stream.note(
      """
      LeNet-5 with \(NumberText.grouped(outline.parameters)) parameters: training on \
      \(NumberText.grouped(outline.trainImages)) images\(validating), in batches of \
      \(NumberText.grouped(outline.batchSize)) (seed \(outline.seed), \(outline.threads) threads)

      """)
  }

  func finishedBatch(_ report: BatchReport) {
    // What an earlier process has done says nothing about our speed.
    let before = doneBefore ?? Double(report.epoch) + Double(report.batch) / Double(report.batches)
    doneBefore = before
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
      secondsLeft: (now - started).inSeconds / (done - before) * (Double(epochs) - done))
    redraw(line.text(columns: terminal.columns, style: terminal.style))
  }

  func finishedEpoch(_ record: EpochRecord) {
    if terminal.redraws {
      redraw(EpochLine.text(record, columns: terminal.columns) + "\n")
    } else {
      terminal.stream.note(EpochLine.text(record) + "\n")
    }
    (epochStarted, lastDrawn) = (clock.now, nil)
  }

  func stopped() {
    if lastDrawn != nil { terminal.stream.note("\n") }
  }

  /// Puts a text where the line before stood: back to the first column, text, erase what is left over.
  private func redraw(_ text: String) {
    let (line, end) = text.hasSuffix("\n") ? (String(text.dropLast()), "\n") : (text, "")
    terminal.stream.note("\r" + line + "\u{1B}[K" + end)
  }
}
