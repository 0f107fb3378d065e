import ArgumentParser
import ConvNet
import Im2col

struct NetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nets",
    abstract: "Small and residual networks: training steps and inference, on images in memory.",
    discussion: """
      net/NAME/train/bN is one training step on N images: forward, loss, backward, Adam; a batch of one is not \
      trained. net/NAME/infer/bN computes the probabilities of N images. The names are \
      \(BenchNetwork.all.map(\.name).joined(separator: ", ")).

      --profile prints the time of each op in a training step, --profile-prediction in a prediction.

      EXAMPLE
        bench nets --batches 1,32 --only resnet20,mnist_keras
      """)

  @Option(help: ArgumentHelp("Images per step.", valueName: "numbers"))
  var batches = IntegerList([1, 32])

  @Option(help: ArgumentHelp("The networks, separated by commas. (default: all)", valueName: "names"))
  var only: String?

  @Flag(help: "Time a training step op by op.")
  var profile = false

  @Flag(help: "Time a prediction op by op.")
  var profilePrediction = false

  @OptionGroup var lowering: LoweringOptions
  @OptionGroup var measuring: MeasuringOptions

  private func networks() throws -> [BenchNetwork] {
    guard let only else { return BenchNetwork.all }
    return try only.split(separator: ",", omittingEmptySubsequences: false).map { name in
      guard let network = BenchNetwork.all.first(where: { $0.name == name }) else {
        throw ValidationError(
          "--only has no network \"\(name)\"; the names are \(BenchNetwork.all.map(\.name).joined(separator: ", "))."
        )
      }
      return network
    }
  }

  func validate() throws {
    try batches.validate("--batches", in: 1...NetCases.largestBatch)
    _ = try networks()
    guard !(profile && profilePrediction) else {
      throw ValidationError("--profile and --profile-prediction cannot be combined; use one of them.")
    }
    guard !(measuring.check && (profile || profilePrediction)) else {
      throw ValidationError("--check measures nothing; use it without --profile and --profile-prediction.")
    }
  }

  func run() throws {
    if profile || profilePrediction { return try printProfile() }
    let cases = try networks().flatMap { network in
      batches.values.flatMap { NetCases(network: network, batch: $0, lowering: lowering).cases }
    }
    try Runner(measuring, names: cases.map(\.name), columns: .networks).run(cases)
  }

  private func printProfile() throws {
    try ReleaseGuard.requireRelease()
    try BLAS.requireUsable()
    MachineHeader.say(threads: measuring.threads)
    for pool in try measuring.pools() {
      for network in try networks() {
        for batch in batches.values {
          let options = lowering.computeOptions(pool.workers)
          let net = try NetModel(network, batch: batch, trains: profile, options: options)
          let profile =
            if profile {
              try StepProfile(net, pool: pool, options: options, seconds: measuring.seconds)
            } else {
              try StepProfile(predictionOf: net, pool: pool, seconds: measuring.seconds) {
                try net.model.predict(net.images, into: &net.probabilities)
              }
            }
          try profile.print(asJSON: measuring.json)
        }
      }
    }
  }
}
