import ArgumentParser
import Im2col

/// What all measurements are told.
struct MeasuringOptions: ParsableArguments {
  @Option(help: "Workers, or several numbers (1,2) for a table of how the rates scale.")
  var threads = IntegerList([Workers.availableCores])

  @Option(help: "Seconds of samples a case.")
  var seconds = MeasuringOptions.defaultSeconds

  static let defaultSeconds = 0.4
  static let secondsRange = 0.0...3600

  @Flag(help: "Print a JSON object a line.")
  var json = false

  @Flag(help: "Only check the results, measure nothing.")
  var check = false

  /// Workers for every number of threads that was asked for.
  func crews() throws -> [Crew] { try threads.values.map { try Crew(threads: $0) } }

  func validate() throws {
    try threads.validate("--threads", in: 1...Workers.limit)
    guard MeasuringOptions.secondsRange.contains(seconds) else {
      throw ValidationError("--seconds is \(seconds); it must be in 0...3600.")
    }
  }
}

/// What decides how a convolution is computed.
struct LoweringOptions: ParsableArguments {
  @Option(
    help:
      "How convolution becomes matrix products: \(Lowering.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var lowering = Lowering.automatic

  @Option(help: "Bytes of scratch a worker.")
  var scratch = ComputeOptions.defaultScratchBytes

  static let scratchRange = ComputeOptions.smallestScratchBytes...1 << 40

  init() {}

  init(lowering: Lowering, scratch: Int) { (self.lowering, self.scratch) = (lowering, scratch) }

  func validate() throws { try LoweringOptions.requireScratch(scratch) }

  /// Fails as wrong usage when a budget is out of range.
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
