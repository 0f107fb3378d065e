import ArgumentParser
import Im2col

struct LeNetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lenet",
    abstract: "LeNet-5: whole training steps and inference, on images in memory.",
    discussion: """
      lenet5/train/bN is a whole step on N images: forward, loss, backward, Adam. lenet5/infer/bN goes \
      from N images to probabilities.

      EXAMPLE
        bench lenet --batches 1,32,128 --seconds 1
      """)

  @Option(help: "Images a step, one number or several.")
  var batches = IntegerList([1, 32, 128, 512])

  @OptionGroup var lowering: LoweringOptions
  @OptionGroup var measuring: MeasuringOptions

  func validate() throws { try batches.validate("--batches", in: 1...LeNetCases.largestBatch) }

  func run() throws {
    let cases = batches.values.flatMap { LeNetCases(batch: $0, lowering: lowering).cases }
    try Runner(measuring, names: cases.map(\.name)).run(cases)
  }
}
