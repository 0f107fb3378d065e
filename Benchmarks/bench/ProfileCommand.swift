import ArgumentParser
import ConvNet
import Im2col

struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "LeNet-5's training, step by step, beside sgemm at each step's own sizes.",
    discussion: """
      One worker takes a microBatch of images through the net, as it does in training; every fused step is timed \
      by itself, forward and backward. "sgemm" is the rate of the step's matrix products alone.

      EXAMPLE
        bench profile --batch 32
      """)

  @Option(help: "Images of the whole step that the sum is held against.")
  var batch = 128

  @Option(help: "Seconds of samples a piece.")
  var seconds = 0.1

  @Flag(help: "Print a JSON object a line.")
  var json = false

  @OptionGroup var lowering: LoweringOptions

  func validate() throws {
    try IntegerList([batch]).validate("--batch", in: 1...LeNetCases.largestBatch)
    guard MeasuringOptions.secondsRange.contains(seconds) else {
      throw ValidationError("--seconds is \(seconds); it must be in 0...3600.")
    }
  }

  func run() throws {
    try ReleaseGuard.requireRelease()
    try BLAS.requireUsable()
    MachineHeader.say(threads: IntegerList([1]))
    let crew = try Crew(threads: 1)
    let options = lowering.computeOptions(crew.workers)
    let lenet = try LeNetModel(batch: batch, options: options)
    if let problem = try lenet.firstWrongStep(.fromEnvironment, name: "profile/step") {
      throw WrongResult("profile/step", threads: 1, problem)
    }
    let profile = try StepProfile(lenet, crew: crew, options: options, seconds: seconds)
    if json {
      for line in profile.lines { try StandardOutput.say(line.json.line) }
    } else {
      try profile.print()
    }
  }
}
