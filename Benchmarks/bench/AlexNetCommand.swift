import ArgumentParser
import ConvNet
import Im2col

struct AlexNetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alexnet",
    abstract: "AlexNet: whole training steps and inference, on images in memory.",
    discussion: """
      alexnet/train/bN is a whole step on N images: forward, loss, backward, SGD with momentum and weight decay. \
      alexnet/infer/bN goes from N images to probabilities. With --towers 1 the cases are alexnet1/...

      --profile shows where the time of a training step goes, --memory how much memory it takes at most.
      """)

  @Option(help: "Images a step, one number or several. (default: 1,8,32; with --memory 8)")
  var batches: IntegerList?

  @Option(help: "2 is the paper's net with two groups in conv2, conv4 and conv5; 1 has none.")
  var towers = AlexNet.Towers.two

  @Flag(help: "Time the training step layer by layer.")
  var profile = false

  @Flag(help: "Take two steps and hold the process' peak of memory against what is allowed; one batch size.")
  var memory = false

  @OptionGroup var lowering: LoweringOptions
  @OptionGroup var measuring: MeasuringOptions

  private var sizes: IntegerList { batches ?? IntegerList(memory ? [8] : [1, 8, 32]) }

  func validate() throws {
    try sizes.validate("--batches", in: 1...AlexNetCases.largestBatch)
    guard !(memory && profile) else { throw ValidationError("--memory and --profile exclude each other.") }
    guard !memory || sizes.values.count == 1 && measuring.threads.values.count == 1 else {
      throw ValidationError(
        "--memory takes one number in --batches and one in --threads: a process has one peak.")
    }
  }

  func run() throws {
    let all = sizes.values.map { AlexNetCases(batch: $0, towers: towers, lowering: lowering) }
    if profile { return try printProfile() }
    if memory { return try printMemory(all) }
    let cases = all.flatMap(\.cases)
    try Runner(measuring, names: cases.map(\.name)).run(cases)
  }

  private func printMemory(_ all: [AlexNetCases]) throws {
    try BLAS.requireUsable()
    for crew in try measuring.crews() {
      for cases in all {
        let (name, memory) = try cases.memory(crew)
        try StandardOutput.say(
          measuring.json ? memory.json(case: name).line : memory.text(case: name))
      }
    }
  }

  private func printProfile() throws {
    try ReleaseGuard.requireRelease()
    try BLAS.requireUsable()
    MachineHeader.say(threads: measuring.threads)
    for crew in try measuring.crews() {
      for batch in sizes.values {
        let options = lowering.computeOptions(crew.workers)
        let net = try AlexNetModel(batch: batch, towers: towers, options: options)
        let profile = try StepProfile(net, crew: crew, options: options, seconds: measuring.seconds)
        if measuring.json {
          for line in profile.lines { try StandardOutput.say(line.json.line) }
        } else {
          try profile.print()
        }
      }
    }
  }
}

extension AlexNet.Towers: ExpressibleByArgument {}
