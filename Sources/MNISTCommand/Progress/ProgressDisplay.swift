import ConvNet

/// Shows the progress of a training run: a redrawn line on a terminal, otherwise one line per epoch.
final class ProgressDisplay: TrainingObserver {
  private let terminal: Terminal
  private let clock = ContinuousClock()
  private var started = ContinuousClock.now
  private var epochStarted = ContinuousClock.now
  /// The start of this process's first batch, in epochs; not 0 in a resumed run.
  private var firstDone: Double?
  /// The images of this epoch trained by an earlier process.
  private var imagesBefore: Int?
  private var lastDrawn: ContinuousClock.Instant?
  private var epochs = 1
  private var validates = false

  /// The minimum time between two redraws.
  private static let redrawInterval = Duration.milliseconds(100)

  init(_ terminal: Terminal) { self.terminal = terminal }

  func began(_ outline: TrainingOutline) {
    (epochs, validates) = (outline.epochs, outline.validationImages > 0)
    (started, epochStarted) = (clock.now, clock.now)
    let validating =
      outline.validationImages > 0 ? ", validating on \(outline.validationImages.grouped)" : ""
    let threads = "\(outline.threads) thread\(outline.threads == 1 ? "" : "s")"
    terminal.stream.message(
      """
      \(outline.network) with \(outline.parameters.grouped) parameters: training on \(outline.trainImages.grouped) images \
      of \(outline.dataset)\(validating), in batches of \(outline.batchSize.grouped) (seed \(outline.seed), \
      \(threads))
      """)
  }

  func finishedBatch(_ report: BatchReport) {
    guard terminal.redraws else { return }
    let now = clock.now
    // Images of an earlier process do not count for the rate.
    let before = imagesBefore ?? report.running.images - report.score.images
    let first = firstDone ?? Double(report.epoch) + Double(report.batch) / Double(report.batches)
    (imagesBefore, firstDone) = (before, first)
    // The last batch is always shown: the validation after it reports no batches.
    let isLast = report.batch + 1 == report.batches
    if let lastDrawn, now - lastDrawn < Self.redrawInterval, !isLast { return }
    lastDrawn = now
    // Measured over the whole run, to include the validations.
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
      terminal.finishLine(EpochLine.text(record, columns: terminal.columns))
    } else {
      terminal.stream.tryWrite(EpochLine.text(record) + "\n")
    }
    (epochStarted, imagesBefore, lastDrawn) = (clock.now, 0, nil)
  }

  func stopped() {
    if terminal.redraws { terminal.erase() }
  }

  func began(test images: Int) {
    guard terminal.redraws else { return }
    let text = "testing on \(images.grouped) images"
    terminal.redraw(String(text.prefix(max(terminal.columns - 1, 0))))
  }

  func finishedTest() {
    if terminal.redraws { terminal.erase() }
  }
}
