import ArgumentParser
import Im2col

/// The options of all measurements.
struct MeasuringOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Number of workers; several numbers (1,2) add a table of how the rates scale.", valueName: "numbers"))
  var threads = IntegerList([Workers.availableCores])

  @Option(help: ArgumentHelp("Sampling time of a case.", valueName: "seconds"))
  var seconds = MeasuringOptions.defaultSeconds

  static let defaultSeconds = 0.4
  static let secondsRange = 0.0...3600

  @Flag(help: "Print one JSON object per line.")
  var json = false

  @Flag(help: "Check the results, measure nothing.")
  var check = false

  /// Workers for each number of threads.
  func pools() throws -> [WorkerPool] { try threads.values.map { try WorkerPool(threads: $0) } }

  func validate() throws {
    try threads.validate("--threads", in: 1...Workers.limit)
    try MeasuringOptions.requireSeconds(seconds)
  }

  /// Throws a usage error if a sampling time is out of range.
  static func requireSeconds(_ seconds: Double) throws {
    guard secondsRange.contains(seconds) else {
      throw ValidationError("--seconds is \(seconds); it must be in 0...3600.")
    }
  }
}

/// The options that determine how convolutions are computed.
struct LoweringOptions: ParsableArguments {
  @Option(help: "How convolutions are computed.")
  var lowering = Lowering.automatic

  @Option(help: ArgumentHelp("Scratch budget of a worker.", valueName: "bytes"))
  var scratch = ComputeOptions.defaultScratchBytes

  static let scratchRange = ComputeOptions.smallestScratchBytes...1 << 40

  init() {}

  init(lowering: Lowering, scratch: Int) { (self.lowering, self.scratch) = (lowering, scratch) }

  func validate() throws { try LoweringOptions.requireScratch(scratch) }

  /// Throws a usage error if a scratch budget is out of range.
  static func requireScratch(_ scratch: Int) throws {
    let range = scratchRange
    guard range.contains(scratch) else {
      throw ValidationError(
        "--scratch is \(scratch); it must be in \(range.lowerBound)...\(range.upperBound) bytes.")
    }
  }

  func computeOptions(_ workers: Workers) -> ComputeOptions {
    ComputeOptions(workers: workers, scratchBytes: scratch, lowering: lowering)
  }
}

extension Lowering: ExpressibleByArgument {}
