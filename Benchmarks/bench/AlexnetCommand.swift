import ArgumentParser
import ConvNet
import Im2col

struct AlexnetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alexnet",
    abstract: "AlexNet: whole training steps and inference, on images in memory.",
    discussion: """
      alexnet/train/bN is a whole step on N images: forward, loss, backward, SGD with momentum and weight decay. \
      alexnet/infer/bN goes from N images to probabilities. With --towers 1 the cases are alexnet1/...
      """)

  @Option(help: "Images a step, one number or several.")
  var batches = IntegerList([1, 8, 32])

  @Option(help: "2 is the paper's net with two groups in conv 2, 4 and 5; 1 has none.")
  var towers = AlexNet.Towers.two

  @Flag(help: "Where the time of a training step goes, layer by layer.")
  var profile = false

  @OptionGroup var lowering: LoweringOptions
  @OptionGroup var measuring: MeasuringOptions

  func validate() throws { try batches.validate("--batches", in: 1...AlexnetCases.largestBatch) }

  func run() throws {
    if profile { return try printProfile() }
    let cases = batches.values.flatMap { AlexnetCases(batch: $0, towers: towers, lowering: lowering).cases }
    try Runner(measuring, names: cases.map(\.name)).run(cases)
  }

  private func printProfile() throws {
    try ReleaseGuard.requireRelease()
    try BLAS.requireUsable()
    MachineHeader.say(threads: measuring.threads)
    for crew in try measuring.crews() {
      for batch in batches.values {
        let options = lowering.computeOptions(crew.workers)
        let net = try AlexnetModel(batch: batch, towers: towers, options: options)
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
