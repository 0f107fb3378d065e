import ArgumentParser
import ConvNet
import Im2col

struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "The time of each op in a training step of LeNet-5.",
    discussion: """
      One worker takes a micro-batch of images through the network, as in training, and each op is timed separately, \
      forward and backward. "of step" is its fraction of the working time of all workers in a whole step. "sgemm" \
      is the rate of sgemm at the size of the equivalent matrix product: ops with the lowering direct do not call \
      sgemm, and for them it is a reference.

      EXAMPLE
        bench profile --batches 32
      """)

  @Option(help: ArgumentHelp("Images per step.", valueName: "numbers"))
  var batches = IntegerList([128])

  /// The option's name before `--batches`.
  @Option(help: .hidden)
  var batch: IntegerList?

  @Option(help: ArgumentHelp("Number of workers of the whole step.", valueName: "numbers"))
  var threads = IntegerList([1])

  @Option(help: ArgumentHelp("Sampling time of an op.", valueName: "seconds"))
  var seconds = 0.1

  @Flag(help: "Print one JSON object per line.")
  var json = false

  @OptionGroup var lowering: LoweringOptions

  private var sizes: IntegerList { batch ?? batches }

  func validate() throws {
    try sizes.validate("--batches", in: 1...LeNetCases.largestBatch)
    try threads.validate("--threads", in: 1...Workers.limit)
    try MeasuringOptions.requireSeconds(seconds)
  }

  func run() throws {
    try ReleaseGuard.requireRelease()
    try BLAS.requireUsable()
    MachineHeader.say(threads: threads)
    for count in threads.values {
      let pool = try WorkerPool(threads: count)
      let options = lowering.computeOptions(pool.workers)
      for batch in sizes.values {
        let lenet = try LeNetModel(batch: batch, options: options)
        if let problem = try lenet.firstWrongStep(.fromEnvironment, name: "profile/step") {
          throw WrongResult("profile/step", threads: count, problem)
        }
        try StepProfile(lenet, pool: pool, options: options, seconds: seconds).print(asJSON: json)
      }
    }
  }
}
