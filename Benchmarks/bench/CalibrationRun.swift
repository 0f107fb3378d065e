import CKernels
import Im2col
import Im2colReference

/// The times of all rows of the table of lowerings that compute one problem, on one worker.
///
///     round 1   im2col, direct, winograd2, winograd4
///     round 2   im2col, direct, winograd2, winograd4
///     round 3   im2col,         winograd2, winograd4      direct was more than 4 times slower, twice
///     ...
///
/// Rows take turns within a round, so that a drift of the clock rate changes all of them alike.
struct CalibrationRun {
  let problem: ConvolutionProblem
  /// The time of a row within a round.
  let seconds: Double

  private static let rounds = 7
  /// Rows slower than this, relative to the fastest, are measured twice: their exact time does not matter.
  /// A single round may be disturbed by another program.
  private static let slowest = 4.0
  private static let trials = 2
  /// Samples of a row within a round, even if another program takes all of its time.
  private static let leastSamples = 3

  /// Returns the nanoseconds of each supporting row: the median over rounds of the ratio to the fastest row,
  /// times the median time of the fastest.
  func nanoseconds() -> [(lowering: Lowering, nanoseconds: Double)] {
    let rows = LoweringTable.rows.filter { $0.supports(problem) }.map { (row: $0, pass: $0.make(problem)) }
    let memory = CalibrationMemory(problem, passes: rows.map(\.pass))
    var ratios = [[Double]](repeating: [], count: rows.count)
    var fastest: [Double] = []
    var active = Array(rows.indices)
    for _ in 0..<Self.rounds {
      let times = active.map { time(rows[$0].pass, memory) }
      guard let least = times.min() else { break }
      fastest.append(least)
      for (index, time) in zip(active, times) { ratios[index].append(time / least) }
      active.removeAll { ratios[$0].count == Self.trials && ratios[$0].allSatisfy { $0 > Self.slowest } }
    }
    let unit = Stopwatch.median(fastest) * 1e9
    return zip(rows, ratios).map { ($0.row.lowering, Stopwatch.median($1) * unit) }
  }

  /// Returns the least time of a pass; other programs only make it longer.
  private func time(_ pass: LoweredPass, _ memory: CalibrationMemory) -> Double {
    let first = Stopwatch.time(1) { memory.run(pass) }
    let batch = max(1, Int(20e-6 / max(first, 1e-9)))
    var least = Double.infinity
    let clock = SuspendingClock()
    let end = clock.now + .seconds(seconds)
    var samples = 0
    while samples < Self.leastSamples || clock.now < end {
      least = min(least, Stopwatch.time(batch) { memory.run(pass) })
      samples += 1
    }
    return least
  }
}

/// The operands of a problem, and the scratch of its passes.
private final class CalibrationMemory {
  private let problem: ConvolutionProblem
  private var floats: [UnsafeMutableBufferPointer<Float>] = []
  private let places: UnsafeMutableBufferPointer<UInt8>
  private let input, kernel, bias, output, outputGradient: UnsafeMutablePointer<Float>
  private let pooledGradient, result, shared, scratch: UnsafeMutablePointer<Float>

  init(_ problem: ConvolutionProblem, passes: [LoweredPass]) {
    self.problem = problem
    let geometry = problem.geometry
    var random = SplitMix64(seed: 0xca1b)
    var blocks: [UnsafeMutableBufferPointer<Float>] = []
    func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
      let bytes = CacheLine.rounded(max(1, count)) * MemoryLayout<Float>.stride
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
        .bindMemory(to: Float.self)
      for index in memory.indices { memory.initializeElement(at: index, to: Float(random.real())) }
      blocks.append(memory)
      guard let start = memory.baseAddress else { preconditionFailure("a block is never empty") }
      return start
    }
    (input, kernel, bias) = (
      floats(geometry.inputCount), floats(geometry.kernelCount), floats(geometry.outputChannels)
    )
    (output, outputGradient) = (floats(geometry.outputCount), floats(geometry.outputCount))
    let pooled = problem.pooling.map {
      geometry.batch * $0.output.height * $0.output.width * geometry.outputChannels
    }
    pooledGradient = floats(pooled ?? 0)
    result = floats(max(geometry.inputCount, geometry.kernelCount))
    shared = floats(passes.map(\.sharedFloats).max() ?? 0)
    scratch = floats(passes.map(\.scratchStep).max() ?? 0)
    self.floats = blocks
    let taps = problem.pooling?.taps ?? 1
    places = .allocate(capacity: max(1, pooled ?? 0))
    for index in places.indices {
      places.initializeElement(at: index, to: UInt8(random.roll(0...taps - 1)))
    }
  }

  deinit {
    for block in floats { UnsafeMutableRawBufferPointer(block).deallocate() }
    places.deallocate()
  }

  /// Runs a pass; for the gradient of a pooled layer that reads dense rows, unpools it first.
  func run(_ pass: LoweredPass) {
    guard let places = places.baseAddress else { return }
    if problem.pass != .forward, pass.readsDenseRows, let pooling = problem.pooling {
      var pooling = pooling.kernelPooling(
        images: problem.geometry.batch, channels: problem.geometry.outputChannels)
      ckernels_unpool_product(&pooling, pooledGradient, places, outputGradient)
    }
    pass.run(operands(places), scratch: scratch)
  }

  private func operands(_ places: UnsafeMutablePointer<UInt8>) -> PassOperands {
    switch problem.pass {
    case .forward:
      .forward(
        input: input, kernel: kernel, output: output, shared: shared,
        epilogue: Epilogue(bias: bias, activation: .relu, places: problem.pooling == nil ? nil : places))
    case .inputGradient:
      PassOperands.inputGradient(
        outputGradient: outputGradient, kernel: kernel, inputGradient: result, shared: shared
      ).reading(pooledGradient: pooledGradient, places: places)
    case .kernelGradient:
      PassOperands.kernelGradient(
        input: input, outputGradient: outputGradient, kernelGradient: result, shared: shared
      ).reading(pooledGradient: pooledGradient, places: places)
    }
  }
}
