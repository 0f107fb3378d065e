import ArgumentParser
import ConvNet
import Im2col

struct AlexNetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alexnet",
    abstract: "AlexNet: training steps and inference, on images in memory.",
    discussion: """
      alexnet/train/bN is one training step on N images: forward, loss, backward, SGD with momentum and weight \
      decay. alexnet/infer/bN computes the probabilities of N images. With --towers 1, the cases are alexnet1/...

      --profile prints the time of each layer in a training step, --memory the peak memory of a training step.

      EXAMPLES
        bench alexnet --batches 1,8 --seconds 1
        bench alexnet --memory --batches 8
      """)

  @Option(
    help: ArgumentHelp("Images per step. (default: 1,8,32; with --memory: 8)", valueName: "numbers"))
  var batches: IntegerList?

  @Option(help: "Groups in conv2, conv4 and conv5: 2 is the paper's network.")
  var towers = AlexNet.Towers.two

  @Flag(help: "Time a training step layer by layer.")
  var profile = false

  @Flag(help: "Measure the peak memory of a training step; exit with 1 if it exceeds its limit.")
  var memory = false

  @OptionGroup var lowering: LoweringOptions
  @OptionGroup var measuring: MeasuringOptions

  private var sizes: IntegerList { batches ?? IntegerList(memory ? [8] : [1, 8, 32]) }

  func validate() throws {
    try sizes.validate("--batches", in: 1...AlexNetCases.largestBatch)
    guard !(memory && profile) else {
      throw ValidationError("--memory and --profile cannot be combined; use one of them.")
    }
    guard !(measuring.check && (memory || profile)) else {
      throw ValidationError("--check measures nothing; use it without --memory and --profile.")
    }
    guard !memory || sizes.values.count == 1 && measuring.threads.values.count == 1 else {
      throw ValidationError(
        "--memory takes one batch size and one number of threads, because a process has one peak.")
    }
  }

  func run() throws {
    let all = sizes.values.map { AlexNetCases(batch: $0, towers: towers, lowering: lowering) }
    if profile { return try printProfile() }
    if memory { return try printMemory(all) }
    let cases = all.flatMap(\.cases)
    try Runner(measuring, names: cases.map(\.name), columns: .networks).run(cases)
  }

  private func printMemory(_ all: [AlexNetCases]) throws {
    try BLAS.requireUsable()
    for pool in try measuring.pools() {
      for cases in all {
        let (name, memory) = try cases.memory(pool)
        try StandardOutput.say(
          measuring.json ? memory.json(case: name).line : memory.text(case: name))
      }
    }
  }

  private func printProfile() throws {
    try ReleaseGuard.requireRelease()
    try BLAS.requireUsable()
    MachineHeader.say(threads: measuring.threads)
    for pool in try measuring.pools() {
      for batch in sizes.values {
        let options = lowering.computeOptions(pool.workers)
        let net = try AlexNetModel(batch: batch, towers: towers, options: options)
        try StepProfile(net, pool: pool, options: options, seconds: measuring.seconds)
          .print(asJSON: measuring.json)
      }
    }
  }
}

extension AlexNet.Towers: ExpressibleByArgument {}
