import ConvNet
import ConvNetFiles
import Foundation
import Im2colReference
import Testing

@Suite struct TrainingProgressTests {
  /// The output of a resumed epoch contains all digits of the loss.
  @Test func everyDoubleComesBackFromJSON() throws {
    let seed: UInt64 = 17
    var random = SplitMix64(seed: seed)
    var progress = TrainingProgress()
    for _ in 0..<300 {
      let bits = random.next()
      let number = Double(bitPattern: bits)
      guard number.isFinite else { continue }
      progress.completed.append(
        CompletedEpoch(
          updates: 1, training: Score(lossSum: number, correct: 1, images: 2),
          validation: bits & 1 == 0 ? nil : Score(lossSum: -number, correct: 0, images: 1),
          trainingSeconds: 0,
          seconds: 1))
    }
    (progress.batch, progress.running) = (3, Score(lossSum: 0.1 + 0.2, correct: 0, images: 5))
    let again = try JSONDecoder().decode(TrainingProgress.self, from: JSONEncoder().encode(progress))
    #expect(again == progress, "seed \(seed)")
    #expect(again.completed.count > 250)
  }

  @Test func theBestEpoch() {
    func best(_ losses: Double?...) -> Int? { CheckpointSamples.progress(validation: losses).lowestLossEpoch }
    #expect(TrainingProgress().lowestLossEpoch == nil)
    #expect(best(0.5) == 0)
    #expect(best(0.5, 0.25, 0.3, 0.25) == 1)
    // The samples' training losses increase.
    #expect(best(nil, nil, nil) == 0)
  }
}
