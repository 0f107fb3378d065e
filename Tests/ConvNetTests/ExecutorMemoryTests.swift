import ConvNet
import Im2col
import Testing

@Suite("The schedules' memory")
struct ExecutorMemoryTests {
  /// Images of one number each, as many as one likes, that take no memory.
  private struct Endless: TrainingData {
    let count: Int
    let imageShape = [1]
    let targetCount = 3

    func copyPixels(of index: Int, into pixels: inout MutableSpan<Float>) { pixels[0] = 1 }

    func copyTarget(of index: Int, into target: inout MutableSpan<Float>) {
      for place in target.indices { target[place] = place == 0 ? 1 : 0 }
    }
  }

  /// `1 -> wide -> 3` on the layer-by-layer schedule.
  private static func wide(_ units: Int) throws -> Sequential {
    let model = try Sequential(
      inputShape: [1], layers: [.dense(units: units), .dense(units: 3, activation: .softmax)], seed: 1)
    model.forcedSchedule = .layers
    try model.compile(options: ComputeOptions(workers: Workers(2)))
    return model
  }

  private static func isAboutMemory(_ error: any Error) -> Bool {
    guard case .shape(let shape) = error as? EngineError else { return false }
    switch shape {
    case .memory, .overflow: return true
    default: return false
    }
  }

  /// 2^31 rows of 2^13 numbers are 64 TiB.
  @Test("a batch that memory cannot hold is refused, and nothing has changed")
  func largeBatches() throws {
    let model = try Self.wide(1 << 13)
    let before = model.parameters
    let data = Endless(count: Int(Int32.max))
    for attempt in [
      { _ = try model.fit(data, batchSize: data.count) }, { _ = try model.trainOnBatch(data) },
    ] as [() throws -> Void] {
      let error = #expect(throws: EngineError.self) { try attempt() }
      #expect(error.map(Self.isAboutMemory) == true, "\(String(describing: error))")
    }
    #expect(model.parameters == before)
    #expect(model.keptBatchSizes.isEmpty)
    let error = #expect(throws: EngineError.self) { try model.trainOnBatch(Endless(count: .max)) }
    #expect(error == .shape(.tooLarge("the number of images", value: .max)))
  }

  /// Each of five layers' outputs for one image is a 64th of memory.
  @Test(
    "images whose outputs together are too large are refused", .enabled(if: PhysicalMemory.bytes < 1 << 36))
  func largeImages() throws {
    let side = Int(Double(PhysicalMemory.bytes / 256).squareRoot())
    let padding = side / 2
    let model = try Sequential(
      inputShape: [1, 1, 1],
      layers: [
        .convolution(
          filters: 1, kernel: 1,
          padding: .explicit(top: padding, bottom: padding, left: padding, right: padding))
      ] + [Layer](repeating: .convolution(filters: 1, kernel: 1), count: 4) + [
        .averagePooling(window: 1, stride: Size2D(height: side, width: side)), .flatten,
      ])
    let images = try Tensor(repeating: 1, shape: [32, 1, 1, 1])
    let error = #expect(throws: EngineError.self) { try model.predict(images) }
    #expect(error.map(Self.isAboutMemory) == true, "\(String(describing: error))")
    #expect(model.keptBatchSizes.isEmpty)
    #expect(!model.summary().isEmpty)
    #expect(model.keptBatchSizes.isEmpty, "a summary needs no memory for images")
  }

  @Test("the sizes used last keep their memory")
  func sizesUsedLast() throws {
    let model = try Self.wide(4)
    for size in [7, 1, 2, 3] { _ = try model.trainOnBatch(Endless(count: size)) }
    #expect(model.keptBatchSizes == [7, 1, 2, 3])
    _ = try model.trainOnBatch(Endless(count: 7))
    #expect(model.keptBatchSizes == [1, 2, 3, 7])
    _ = try model.evaluate(Endless(count: 5))
    #expect(model.keptBatchSizes == [2, 3, 7, 5])
    _ = try model.predict(Tensor(repeating: 1, shape: [37, 1]))
    #expect(model.keptBatchSizes == [3, 7, 32, 5])
  }

  @Test("options serve a model that only predicts, and change no bits", arguments: ExecutionSchedule.allCases)
  func options(schedule: ExecutionSchedule) throws {
    let model = try Sequential(
      inputShape: [6, 5, 2], layers: [.convolution(filters: 3, kernel: 3), .flatten, .dense(units: 4)],
      seed: 3)
    model.forcedSchedule = schedule
    let images = try RandomImages.tensor([19, 6, 5, 2], seed: 7)
    model.options = try ComputeOptions(workers: Workers(1))
    let alone = try model.predict(images)
    #expect(schedule == .microBatches || model.keptBatchSizes == [19])
    model.options = try ComputeOptions(workers: Workers(2))
    #expect(model.keptBatchSizes.isEmpty, "the former schedule is gone")
    #expect(try model.predict(images) == alone)
    let compiled = try Workers(2)
    try model.compile(options: ComputeOptions(workers: compiled))
    #expect(model.options.workers === compiled)
    #expect(try model.predict(images) == alone)
  }
}
