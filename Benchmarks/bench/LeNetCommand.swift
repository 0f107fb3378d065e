import ArgumentParser
import Im2col

struct LeNetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lenet",
    abstract: "LeNet-5: training steps and inference, on images in memory.",
    discussion: """
      lenet5/train/bN is one training step on N images: forward, loss, backward, Adam. lenet5/infer/bN computes \
      the probabilities of N images.

      EXAMPLE
        bench lenet --batches 1,32,128 --seconds 1
      """)

  @Option(help: ArgumentHelp("Images per step.", valueName: "numbers"))
  var batches = IntegerList([1, 32, 128, 512])

  @OptionGroup var lowering: LoweringOptions
  @OptionGroup var measuring: MeasuringOptions

  func validate() throws { try batches.validate("--batches", in: 1...LeNetCases.largestBatch) }

  func run() throws {
    let cases = batches.values.flatMap { LeNetCases(batch: $0, lowering: lowering).cases }
    try Runner(measuring, names: cases.map(\.name), columns: .networks).run(cases)
  }
}
