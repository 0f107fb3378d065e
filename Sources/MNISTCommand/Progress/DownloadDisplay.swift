import MNISTData

/// Shows the progress of a download: a redrawn line on a terminal, otherwise one line per file.
///
///     train-images-idx3-ubyte  ████████▋···············  3,571,712 of 9,912,422 bytes
package final class DownloadDisplay {
  /// nil shows nothing.
  private let terminal: Terminal?
  /// Whether there is a line to replace.
  private var isDrawn = false
  private var lastDrawn: ContinuousClock.Instant?

  private static let (minBarCells, maxBarCells) = (8, 24)
  /// The minimum time between two redraws.
  private static let redrawInterval = Duration.milliseconds(100)

  init(_ terminal: Terminal?) { self.terminal = terminal }

  /// Runs a download; a signal cancels it, erases the line and then exits.
  func watching<Value, Failure>(
    _ body: (_ progress: (MNISTDownload.Event) -> Void, _ isCancelled: () -> Bool) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    defer {
      erase()
      Interrupts.endIfPending()
    }
    return try Interrupts.deferringExit { () throws(Failure) in
      try body(show) { Interrupts.pending != nil }
    }
  }

  private func show(_ event: MNISTDownload.Event) {
    guard let terminal else { return }
    switch event {
    case .requested(let file, let mirror):
      draw("\(file) from \(mirror)".printable)
    case .received(let file, let bytes, let announced):
      if let lastDrawn, .now - lastDrawn < Self.redrawInterval { return }
      lastDrawn = .now
      draw(Self.line(file, bytes, announced, columns: terminal.columns, style: terminal.style))
    case .verified(let file, let bytes):
      printLine("\(file)  \(bytes.grouped) bytes")
    case .kept(let file):
      printLine("\(file)  kept")
    case .failed(let file, let mirror, let failure):
      printLine("\(file)  \(mirror): \(failure)")
    }
  }

  private func draw(_ text: String) {
    guard let terminal, terminal.redraws else { return }
    terminal.redraw(String(text.prefix(max(terminal.columns - 1, 0))))
    isDrawn = true
  }

  private func printLine(_ text: String) {
    erase()
    terminal?.stream.message(text)
  }

  private func erase() {
    if isDrawn { terminal?.erase() }
    isDrawn = false
  }

  /// The line of a file; at most `columns - 1` characters, because the last column makes some terminals wrap.
  package static func line(_ file: String, _ bytes: Int, _ announced: Int?, columns: Int, style: TextStyle)
    -> String
  {
    let amount = announced.map { "\(bytes.grouped) of \($0.grouped) bytes" } ?? "\(bytes.grouped) bytes"
    let fraction = Double(bytes) / Double(max(announced ?? 0, 1))
    // Prefer a short bar with a percentage to long numbers without a bar.
    let barRoom = announced == nil ? 0 : minBarCells + 2
    let fields = FittedFields(
      [
        .init(file, rank: 0),
        .init(amount, announced == nil ? amount : NumberText.percent(fraction, 0), rank: 1),
      ],
      room: max(columns - 1 - barRoom, 0))
    let left = columns - 1 - fields.width - fields.separator.count
    guard announced != nil, left >= minBarCells, fields.texts.count == 2 else {
      return fields.texts.joined(separator: fields.separator)
    }
    let bar = Bar(style: style, cells: min(left, maxBarCells)).text(fraction)
    return [fields.texts[0], bar, fields.texts[1]].joined(separator: fields.separator)
  }
}
