import ConvNet
import Testing
import mnist

/// The progress line of an epoch, at every width and for every number.
@Suite struct MNISTProgressTests {
  private static let plain = TextStyle(color: false, unicode: true)

  private func line(
    epoch: Int = 2, epochs: Int = 5, batch: Int = 812, batches: Int = 1563, loss: Double = 0.07123,
    accuracy: Double = 0.9781, rate: Double = 24_310, left: Double = 68, validates: Bool = false
  ) -> ProgressLine {
    ProgressLine(
      epoch: epoch, epochs: epochs, batch: batch, batches: batches, loss: loss, accuracy: accuracy,
      imagesPerSecond: rate, secondsLeft: left, validates: validates)
  }

  @Test func wide() {
    #expect(
      line().text(columns: 200, style: Self.plain)
        == "epoch 2/5  ████████████████▋···············    812/1,563  loss 0.0712  accuracy 0.9781"
        + "  24,310 images/s  1 min 08 s left")
  }

  @Test func eighty() {
    #expect(
      line().text(columns: 80, style: Self.plain)
        == "epoch 2/5  █████▊·····   812/1563  loss 0.0712  acc 0.9781  24.3k/s  1m08s left")
  }

  @Test func forty() {
    #expect(line().text(columns: 40, style: Self.plain) == "2/5 █▌·  812/1563 0.071 98% 24k/s 1m08s")
    // At smaller widths the batch is dropped; the bar shows it too.
    #expect(
      line(epoch: 12, epochs: 20).text(columns: 40, style: Self.plain)
        == "12/20 █████▊····· 0.071 98% 24k/s 1m08s")
  }

  @Test func validating() {
    #expect(
      line(batch: 1563, left: 20, validates: true).text(columns: 80, style: Self.plain)
        == "epoch 2/5  ████████████  validating  loss 0.0712  acc 0.9781  24.3k/s  20s left")
    #expect(
      line(batch: 1563, left: 8, validates: true).text(columns: 40, style: Self.plain)
        == "2/5 █████ validating 0.071 98% 24k/s 8s")
  }

  @Test func neverWiderThanTheTerminal() {
    let lines = [
      line(), line(batch: 0), line(batch: 1563), line(batch: 1563, validates: true),
      line(batch: 0, batches: 0),
      line(
        epoch: 123_456, epochs: 999_999, batch: 9_999_999, batches: 9_999_999, loss: 1e300, rate: 1e300,
        left: 1e300),
      line(loss: .nan, accuracy: .nan, rate: .nan, left: .nan),
      line(loss: .infinity, rate: .infinity, left: -1),
      line(loss: -.infinity, rate: -.infinity, left: .infinity),
    ]
    for columns in -1...260 {
      for line in lines {
        for unicode in [true, false] {
          let text = line.text(columns: columns, style: TextStyle(color: false, unicode: unicode))
          #expect(text.count <= max(columns - 1, 0), "\(columns): \(text)")
          #expect(unicode || text.utf8.count == text.count)
        }
      }
    }
  }

  @Test func colorTakesNoColumns() {
    let colored = line().text(columns: 80, style: TextStyle(color: true, unicode: true))
    let bare = colored.replacing("\u{1B}[32m", with: "").replacing("\u{1B}[0m", with: "")
    #expect(colored != bare)
    #expect(bare == line().text(columns: 80, style: Self.plain))
  }

  @Test func completedEpochs() {
    func score(_ loss: Double, _ correct: Int) -> Score {
      var score = Score()
      (score.lossSum, score.correct, score.images) = (loss * 50_000, correct, 50_000)
      return score
    }
    let record = EpochRecord(
      epoch: 1, epochs: 5, training: score(0.2305, 46_560), validation: score(0.07, 48_950),
      trainingSeconds: 2, seconds: 2.31)
    #expect(
      EpochLine.text(record)
        == "epoch 1/5  loss 0.2305  accuracy 0.9312  validation loss 0.0700  validation accuracy 0.9790"
        + "  25,000 images/s  2.3 s")
    #expect(
      EpochLine.text(record, columns: 80)
        == "epoch 1/5  loss 0.2305  acc 0.9312  val 0.0700  acc 0.9790  25.0k/s  2.3s")
    for columns in 0...120 { #expect(EpochLine.text(record, columns: columns).count <= max(columns - 1, 0)) }
    let plain = EpochRecord(
      epoch: 1, epochs: 1, training: score(1, 0), validation: nil, trainingSeconds: 0, seconds: 0)
    #expect(!EpochLine.text(plain).contains("validation"))
  }
}
