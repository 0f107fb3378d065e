import ConvNet
import Im2col
import Testing

@Suite("Training data")
struct TrainingDataTests {
  @Test("tensors give their rows")
  func rows() throws {
    let data = try TensorData(
      RandomImages.integers([3, 2, 2, 1], seed: 1), RandomImages.labels(3, classes: 4, seed: 2))
    #expect(data.count == 3 && data.imageShape == [2, 2, 1] && data.targetCount == 4)
    var (pixels, target) = ([Float](repeating: .nan, count: 4), [Float](repeating: .nan, count: 4))
    for index in 0..<3 {
      var pixelSpan = pixels.mutableSpan
      var targetSpan = target.mutableSpan
      data.copyPixels(of: index, into: &pixelSpan)
      data.copyTarget(of: index, into: &targetSpan)
      #expect(pixels == Array(data.images.scalars[index * 4..<index * 4 + 4]))
      #expect(target == Array(data.targets.scalars[index * 4..<index * 4 + 4]))
    }
  }

  @Test(
    "invalid shapes are errors",
    arguments: [
      ([3, 4, 1], [3, 2]), ([3], [3, 2]), ([3, 4], [3]), ([3, 4], [2, 2]),
    ])
  func invalidShapes(images: [Int], targets: [Int]) throws {
    let (images, targets) = (
      try Tensor(repeating: 0, shape: images), try Tensor(repeating: 0, shape: targets)
    )
    #expect(throws: EngineError.self) { try TensorData(images, targets) }
  }
}
