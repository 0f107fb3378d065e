import ConvNet
import Im2col
import MNISTData
import Testing

@Suite struct ShiftedImagesTests {
  /// Images of 4x5 pixels whose values differ and are not 0.
  private static func images(_ count: Int = 12, height: Int = 4, width: Int = 5) throws -> LabeledImages {
    try LabeledImages(
      pixels: (0..<count * height * width).map { UInt8(1 + $0 % 255) },
      labels: (0..<count).map { UInt8($0 % 3) },
      imageSize: Size2D(height: height, width: width), classNames: ["a", "b", "c"], scale: .over256)
  }

  private func pixels(_ data: some TrainingData, _ index: Int) -> [Float] {
    var image = [Float](repeating: .nan, count: data.imageShape.reduce(1, *))
    var span = image.mutableSpan
    data.copyPixels(of: index, into: &span)
    return image
  }

  @Test func everyPixelIsAtItsOffset() throws {
    let images = try Self.images(40)
    let data = try ShiftedImages(images, upTo: 3, seed: 5).seen(inEpochNumber: 2)
    for index in 0..<40 {
      let (offset, plain, moved) = (data.offset(of: index), pixels(images, index), pixels(data, index))
      for row in 0..<4 {
        for column in 0..<5 {
          let (fromRow, fromColumn) = (row - offset.rows, column - offset.columns)
          let inside = (0..<4).contains(fromRow) && (0..<5).contains(fromColumn)
          let expected = inside ? plain[fromRow * 5 + fromColumn] : 0
          #expect(
            moved[row * 5 + column] == expected, "image \(index), \(offset), row \(row), column \(column)")
        }
      }
    }
  }

  @Test func allOffsetsAreEquallyLikely() throws {
    let data = try ShiftedImages(Self.images(5_000, height: 3, width: 3), upTo: 2, seed: 1).seen(
      inEpochNumber: 1)
    var counts: [PixelOffset: Int] = [:]
    for index in 0..<data.count { counts[data.offset(of: index), default: 0] += 1 }
    #expect(counts.count == 25)
    // 200 are expected; the standard deviation is 14.
    for (offset, count) in counts { #expect((130...270).contains(count), "\(offset): \(count)") }
    #expect(counts.keys.allSatisfy { abs($0.rows) <= 2 && abs($0.columns) <= 2 })
  }

  @Test func seedEpochAndIndexDetermineTheOffset() throws {
    func offsets(seed: UInt64, epoch: Int, count: Int = 50) throws -> [PixelOffset] {
      let data = try ShiftedImages(Self.images(count), upTo: 3, seed: seed).seen(inEpochNumber: epoch)
      return (0..<count).map { data.offset(of: $0) }
    }
    let first = try offsets(seed: 1, epoch: 1)
    #expect(try offsets(seed: 1, epoch: 1) == first)
    #expect(try offsets(seed: 1, epoch: 2) != first)
    #expect(try offsets(seed: 2, epoch: 1) != first)
    #expect(try offsets(seed: 1, epoch: 1, count: 20) == Array(first[..<20]))
    // Independent of earlier calls for other epochs.
    let data = try ShiftedImages(Self.images(50), upTo: 3, seed: 1)
    #expect((0..<50).map { data.seen(inEpochNumber: 7).seen(inEpochNumber: 1).offset(of: $0) } == first)
  }

  @Test func withoutADistanceOrAnEpochImagesAreUnchanged() throws {
    let images = try Self.images()
    let none = try ShiftedImages(images, upTo: 0, seed: 3).seen(inEpochNumber: 4)
    let before = try ShiftedImages(images, upTo: 3, seed: 3)
    for index in 0..<images.count {
      #expect(pixels(none, index) == pixels(images, index))
      #expect(pixels(before, index) == pixels(images, index))
    }
    #expect(before.count == 12 && before.imageShape == [4, 5, 1] && before.targetCount == 3)
    var target: [Float] = [.nan, .nan, .nan]
    var span = target.mutableSpan
    before.copyTarget(of: 4, into: &span)
    #expect(target == [0, 1, 0])
  }

  @Test func distancesBeyondTheImageAreRefused() throws {
    let images = try Self.images()
    #expect(throws: Never.self) { try ShiftedImages(images, upTo: 3, seed: 0) }
    for distance in [-1, 4, Int.max, Int.min] {
      #expect(throws: ShapeError.outOfRange("the distance of a shift", value: distance, range: 0..<4)) {
        try ShiftedImages(images, upTo: distance, seed: 0)
      }
    }
  }

  // MARK: - In a training run

  private func model(workers: Int = 1) throws -> Sequential {
    let model = try Sequential(
      inputShape: [4, 5, 1], layers: [.flatten, .dense(units: 3, activation: .softmax)], seed: 9)
    try model.compile(options: ComputeOptions(workers: Workers(workers)))
    return model
  }

  @Test func everyEpochHasItsOwnOffsetsForAnyNumberOfThreads() throws {
    let images = try Self.images(50)
    func trained(shift: Int, epochs: Int, workers: Int) throws -> [Float] {
      let model = try model(workers: workers)
      try model.fit(ShiftedImages(images, upTo: shift, seed: 9), batchSize: 16, epochs: epochs)
      return model.parameters
    }
    let expected = try trained(shift: 2, epochs: 3, workers: 1)
    #expect(try trained(shift: 2, epochs: 3, workers: 3) == expected)
    #expect(try trained(shift: 0, epochs: 3, workers: 1) != expected)

    // The same training run, with explicit batches in the order of the epoch.
    let byHand = try model()
    for epoch in 1...3 {
      let data = try ShiftedImages(images, upTo: 2, seed: 9).seen(inEpochNumber: epoch)
      var order = [Int](repeating: 0, count: 50)
      CounterRandom(seed: 9, stream: .shuffle(epoch: epoch)).shuffle(&order)
      for start in stride(from: 0, to: 50, by: 16) {
        let batch = order[start..<min(start + 16, 50)]
        let x = try Tensor(shape: [batch.count, 4, 5, 1], scalars: batch.flatMap { pixels(data, $0) })
        let y = try Tensor(
          shape: [batch.count, 3],
          scalars: batch.flatMap { index in (0..<3).map { $0 == images.label(of: index) ? Float(1) : 0 } })
        try byHand.trainOnBatch(x, y)
      }
    }
    #expect(byHand.parameters == expected)
  }

  @Test func aResumedTrainingHasTheSameOffsets() throws {
    let data = try ShiftedImages(Self.images(50), upTo: 2, seed: 9)
    let (straight, first, second) = (try model(), try model(), try model())
    try straight.fit(data, batchSize: 16, epochs: 4)
    try first.fit(data, batchSize: 16, epochs: 2)
    try second.setParameters(first.parameters)
    try second.setOptimizerState(#require(first.optimizerState))
    try second.fit(data, batchSize: 16, epochs: 4, initialEpoch: 2)
    #expect(second.parameters == straight.parameters)
  }
}
