import ConvNet

/// Shows people how a training goes: a line that is redrawn on a terminal, a line an epoch elsewhere.
final class ProgressDisplay: TrainingObserver {
  private let terminal: Terminal
  private let clock = ContinuousClock()
  private var started = ContinuousClock.now
  private var epochStarted = ContinuousClock.now
  /// Where the first batch began, in epochs: a training that is resumed has not done all of it itself.
  private var firstDone: Double?
  /// Images of this epoch that somebody else did.
  private var imagesBefore: Int?
  private var lastDrawn: ContinuousClock.Instant?
  private var epochs = 1
  private var validates = false

  /// Often enough to look alive, seldom enough to cost nothing.
  private static let pause = Duration.milliseconds(100)

  init(_ terminal: Terminal) { self.terminal = terminal }

  func began(_ outline: TrainingOutline) {
    (epochs, validates) = (outline.epochs, outline.validationImages > 0)
    (started, epochStarted) = (clock.now, clock.now)
    let validating =
      outline.validationImages > 0 ? ", validating on \(NumberText.grouped(outline.validationImages))" : ""
    terminal.stream.note(
      """
      LeNet-5 with \(NumberText.grouped(outline.parameters)) parameters: training on \
      \(NumberText.grouped(outline.trainImages)) images\(validating), in batches of \
      \(NumberText.grouped(outline.batchSize)) (seed \(outline.seed), \(outline.threads) thread\(outline.threads == 1 ? "" : "s"))

      """)
  }

  func finishedBatch(_ report: BatchReport) {
    guard terminal.redraws else { return }
    let now = clock.now
    // What an earlier process has done says nothing about our speed.
    let before = imagesBefore ?? report.running.images - report.score.images
    let first = firstDone ?? Double(report.epoch) + Double(report.batch) / Double(report.batches)
    (imagesBefore, firstDone) = (before, first)
    // The last batch is always shown: behind it the validation has no batches of its own.
    let isLast = report.batch + 1 == report.batches
    if let lastDrawn, now - lastDrawn < Self.pause, !isLast { return }
    lastDrawn = now
    // Over the whole training, so that the time of validations is in it.
    let done = Double(report.epoch) + Double(report.batch + 1) / Double(report.batches)
    let line = ProgressLine(
      epoch: report.epoch + 1, epochs: epochs, batch: report.batch + 1, batches: report.batches,
      loss: report.running.loss, accuracy: report.running.accuracy,
      imagesPerSecond: Double(report.running.images - before) / (now - epochStarted).inSeconds,
      secondsLeft: (now - started).inSeconds / (done - first) * (Double(epochs) - done),
      validates: isLast && validates)
    terminal.redraw(line.text(columns: terminal.columns, style: terminal.style))
  }

  func finishedEpoch(_ record: EpochRecord) {
    if terminal.redraws {
      terminal.settle(EpochLine.text(record, columns: terminal.columns))
    } else {
      terminal.stream.note(EpochLine.text(record) + "\n")
    }
    (epochStarted, imagesBefore, lastDrawn) = (clock.now, 0, nil)
  }

  func stopped() {
    if lastDrawn != nil { terminal.stream.note("\n") }
  }

  func began(test images: Int) {
    guard terminal.redraws else { return }
    let text = "testing on \(NumberText.grouped(images)) images"
    terminal.redraw(String(text.prefix(max(terminal.columns - 1, 0))))
  }

  func finishedTest() {
    if terminal.redraws { terminal.erase() }
  }
}
