import ConvNet
import Glibc
import Im2col
import Testing

@Suite("Softmax cross-entropy")
struct SoftmaxCrossEntropyTests {
  @Test("agrees with Double")
  func agrees() throws {
    let (batch, classes) = (13, 7)
    let logits = try Tensor(
      shape: [batch, classes],
      scalars: RandomImages.tensor([batch * classes], seed: 71).scalars.map { $0 * 9 })
    let labels = try RandomImages.labels(batch, classes: classes, seed: 72)
    let (loss, probabilities, gradient) = try softmaxCrossEntropy(logits: logits, labels: labels)
    var sum = 0.0
    for row in 0..<batch {
      let powers = (0..<classes).map { exp(Double(logits.scalars[row * classes + $0])) }
      for c in 0..<classes {
        let (p, t) = (powers[c] / powers.reduce(0, +), Double(labels.scalars[row * classes + c]))
        sum -= t == 0 ? 0 : t * log(p)
        #expect(abs(Double(probabilities.scalars[row * classes + c]) - p) < 1e-6)
        #expect(abs(Double(gradient.scalars[row * classes + c]) - (p - t) / Double(batch)) < 1e-7)
      }
    }
    #expect(abs(loss - sum / Double(batch)) < 1e-6)
  }

  @Test("large and infinite logits")
  func extremes() throws {
    let label = try Tensor(shape: [1, 3], scalars: [1, 0, 0])
    func loss(_ logits: [Float]) throws -> (loss: Double, probabilities: Tensor, gradient: Tensor) {
      try softmaxCrossEntropy(logits: Tensor(shape: [1, 3], scalars: logits), labels: label)
    }
    #expect(try loss([-200, 200, 0]).loss == 400)
    #expect(try loss([1000, 0, -1000]).loss == 0)
    #expect(try loss([.infinity, 0, 0]).loss == 0)
    #expect(try loss([0, .infinity, 0]).loss == .infinity)
    #expect(try loss([0, -.infinity, -.infinity]).loss == 0)
    #expect(try loss([0, .infinity, 0]).gradient.scalars == [-1, 1, 0])
    #expect(try loss([.nan, 0, 0]).loss.isNaN)
  }

  @Test("an empty batch is an error")
  func empty() throws {
    let nothing = try Tensor(repeating: 0, shape: [0, 3])
    #expect(throws: EngineError.self) { try softmaxCrossEntropy(logits: nothing, labels: nothing) }
  }
}
