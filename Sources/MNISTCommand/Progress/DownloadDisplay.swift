import MNISTData

/// Shows people how a download goes: a line that is redrawn on a terminal, a line a file elsewhere.
///
///     train-images-idx3-ubyte  ████████▋···············  3,571,712 of 9,912,422 bytes
package final class DownloadDisplay {
  /// nil to show nothing.
  private let terminal: Terminal?
  /// Whether a line stands there that the next one replaces.
  private var isDrawn = false
  private var lastDrawn: ContinuousClock.Instant?

  private static let (leastBarCells, barCells) = (8, 24)
  /// Often enough to look alive, seldom enough to cost nothing.
  private static let pause = Duration.milliseconds(100)

  init(_ terminal: Terminal?) { self.terminal = terminal }

  /// Runs a download; a signal ends it and then the process, and no half-drawn line is left.
  func watching<Value, Failure>(
    _ body: (_ progress: (MNISTDownload.Event) -> Void, _ isCancelled: () -> Bool) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    defer {
      erase()
      Interrupts.endIfPending()
    }
    return try Interrupts.patiently { () throws(Failure) in
      try body(show) { Interrupts.pending != nil }
    }
  }

  private func show(_ event: MNISTDownload.Event) {
    guard let terminal else { return }
    switch event {
    case .requested(let file, let mirror):
      draw("\(file) from \(mirror)".printable)
    case .received(let file, let bytes, let announced):
      if let lastDrawn, .now - lastDrawn < Self.pause { return }
      lastDrawn = .now
      draw(Self.line(file, bytes, announced, columns: terminal.columns, style: terminal.style))
    case .verified(let file, let bytes):
      say("\(file)  \(bytes.grouped) bytes")
    case .kept(let file):
      say("\(file)  there already")
    case .failed(let file, let mirror, let failure):
      say("\(file)  \(mirror): \(failure)".printable)
    }
  }

  private func draw(_ text: String) {
    guard let terminal, terminal.redraws else { return }
    terminal.stream.note("\r" + text.prefix(max(terminal.columns - 1, 0)) + "\u{1B}[K")
    isDrawn = true
  }

  private func say(_ text: String) {
    erase()
    terminal?.stream.note(text + "\n")
  }

  private func erase() {
    if isDrawn { terminal?.stream.note("\r\u{1B}[K") }
    isDrawn = false
  }

  /// A file on its way; at most `columns - 1` characters, as the last column makes some terminals wrap.
  package static func line(_ file: String, _ bytes: Int, _ announced: Int?, columns: Int, style: TextStyle)
    -> String
  {
    let amount = announced.map { "\(bytes.grouped) of \($0.grouped) bytes" } ?? "\(bytes.grouped) bytes"
    let share = Double(bytes) / Double(max(announced ?? 0, 1))
    // A short bar and a percentage say more than long numbers alone.
    let barRoom = announced == nil ? 0 : leastBarCells + 2
    let fields = FittedFields(
      [
        .init(file, rank: 0),
        .init(amount, announced == nil ? amount : NumberText.percent(share, 0), rank: 1),
      ],
      room: max(columns - 1 - barRoom, 0))
    let left = columns - 1 - fields.width - fields.separator.count
    guard announced != nil, left >= leastBarCells, fields.texts.count == 2 else {
      return fields.texts.joined(separator: fields.separator)
    }
    let bar = Bar(style: style, cells: min(left, barCells)).text(share)
    return [fields.texts[0], bar, fields.texts[1]].joined(separator: fields.separator)
  }
}
