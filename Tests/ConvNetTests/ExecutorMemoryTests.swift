import ConvNet
import Im2col
import Testing

@Suite("Executor memory")
struct ExecutorMemoryTests {
  /// A data set of any number of images of one pixel, without storage.
  private struct Endless: TrainingData {
    let count: Int
    let imageShape = [1]
    let targetCount = 3

    func copyPixels(of index: Int, into pixels: inout MutableSpan<Float>) { pixels[0] = 1 }

    func copyTarget(of index: Int, into target: inout MutableSpan<Float>) {
      for index in target.indices { target[index] = index == 0 ? 1 : 0 }
    }
  }

  /// A model `1 -> units -> 3` with the layer-by-layer schedule.
  private static func wide(_ units: Int) throws -> Sequential {
    let model = try Sequential(
      inputShape: [1], layers: [.dense(units: units), .dense(units: 3, activation: .softmax)], seed: 1)
    model.forcedSchedule = .layerByLayer
    try model.compile(options: ComputeOptions(workers: Workers(2)))
    return model
  }

  private static func isMemoryError(_ error: any Error) -> Bool {
    guard case .shape(let shape) = error as? EngineError else { return false }
    switch shape {
    case .memory, .overflow: return true
    default: return false
    }
  }

  /// 2^31 rows of 2^13 floats are 64 TiB.
  @Test("a batch that does not fit into memory is an error and changes nothing")
  func largeBatches() throws {
    let model = try Self.wide(1 << 13)
    let before = model.parameters
    let data = Endless(count: Int(Int32.max))
    for attempt in [
      { _ = try model.fit(data, batchSize: data.count) }, { _ = try model.trainOnBatch(data) },
    ] as [() throws -> Void] {
      let error = #expect(throws: EngineError.self) { try attempt() }
      #expect(error.map(Self.isMemoryError) == true, "\(String(describing: error))")
    }
    #expect(model.parameters == before)
    #expect(model.cachedBatchSizes == (training: [], inference: []))
    let error = #expect(throws: EngineError.self) { try model.trainOnBatch(Endless(count: .max)) }
    #expect(error == .shape(.tooLarge("the number of images", value: .max)))
  }

  /// The output of each of five layers for one image is 5/8 of the memory, and two are alive at a time.
  @Test(
    "an image whose outputs do not fit into memory together is an error",
    .enabled(if: PhysicalMemory.bytes < 1 << 36))
  func largeImages() throws {
    let side = Int(Double(PhysicalMemory.bytes / 32 * 5).squareRoot())
    let padding = side / 2
    let model = try Sequential(
      inputShape: [1, 1, 1],
      layers: [
        .convolution(
          filters: 1, kernel: 1,
          padding: .explicit(top: padding, bottom: padding, left: padding, right: padding))
      ] + [Block](repeating: .convolution(filters: 1, kernel: 1), count: 4) + [
        .averagePooling(window: 1, stride: Size2D(height: side, width: side)), .flatten,
      ])
    let images = try Tensor(repeating: 1, shape: [1, 1, 1, 1])
    let error = #expect(throws: EngineError.self) { try model.predict(images) }
    #expect(error.map(Self.isMemoryError) == true, "\(String(describing: error))")
    #expect(model.cachedBatchSizes.inference.isEmpty)
    #expect(!model.summary().isEmpty)
    #expect(model.cachedBatchSizes.inference.isEmpty, "a summary must not allocate memory for images")
  }

  @Test("the most recent batch sizes keep their workspaces")
  func recentSizes() throws {
    let model = try Self.wide(4)
    for size in [7, 1, 2, 3] { _ = try model.trainOnBatch(Endless(count: size)) }
    #expect(model.cachedBatchSizes.training == [7, 1, 2, 3])
    _ = try model.trainOnBatch(Endless(count: 7))
    #expect(model.cachedBatchSizes.training == [1, 2, 3, 7])
    _ = try model.trainOnBatch(Endless(count: 6))
    #expect(model.cachedBatchSizes.training == [2, 3, 7, 6])
    _ = try model.evaluate(Endless(count: 5))
    #expect(model.cachedBatchSizes.inference == [5])
    _ = try model.predict(Tensor(repeating: 1, shape: [37, 1]))
    #expect(model.cachedBatchSizes == (training: [2, 3, 7, 6], inference: [32, 5]))
  }

  @Test("options apply before compile, and do not change the bits", arguments: ExecutionSchedule.allCases)
  func options(schedule: ExecutionSchedule) throws {
    let model = try Sequential(
      inputShape: [6, 5, 2], layers: [.convolution(filters: 3, kernel: 3), .flatten, .dense(units: 4)],
      seed: 3)
    model.forcedSchedule = schedule
    let images = try RandomImages.tensor([19, 6, 5, 2], seed: 7)
    model.options = try ComputeOptions(workers: Workers(1))
    let expected = try model.predict(images)
    #expect(schedule == .microBatch || model.cachedBatchSizes.inference == [19])
    model.options = try ComputeOptions(workers: Workers(2))
    #expect(model.cachedBatchSizes.inference.isEmpty, "new options discard the executor")
    #expect(try model.predict(images) == expected)
    let compiled = try Workers(2)
    try model.compile(options: ComputeOptions(workers: compiled))
    #expect(model.options.workers === compiled)
    #expect(try model.predict(images) == expected)
  }
}
