import ArgumentParser
import ConvNet
import ConvNetFiles
import MNISTData

/// `mnist evaluate`: the loss and accuracy of a model file on the test set, overall and per class.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Test a model on the 10,000 test images.",
    discussion: """
      EXAMPLES
        mnist evaluate --model lenet5.safetensors
        mnist evaluate --model lenet5.safetensors --data mnist --json
      """)

  @Option(help: ArgumentHelp("The model file.", valueName: "file"), completion: .model)
  var model: String

  @OptionGroup var data: DataOptions

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Print results only, no progress.")
  var quiet = false

  func validate() throws { try requireName(model, "--model") }

  func run() throws {
    let file = try ModelFile(contentsOf: model)
    let network = try file.model()
    network.options = try threads.computeOptions()
    let images = try data.testImages(for: file, quiet: quiet)
    let started = ContinuousClock.now
    let evaluation = try Terminal(.error).whileShowing(
      quiet ? nil : "testing on \(images.count.grouped) images"
    ) {
      try network.evaluateEach(images)
    }
    let seconds = (ContinuousClock.now - started).inSeconds
    guard evaluation.score.loss.isFinite else { throw NonFiniteOutput(path: model) }
    let classes = ClassResults(evaluation.confusion, names: images.classNames)
    let result =
      try json ? record(of: evaluation.score, classes) : text(of: evaluation.score, classes, seconds)
    try StandardStream.output.line(result)
  }

  /// Has no times: the same model and images give the same line.
  private func record(of score: Score, _ classes: ClassResults) throws -> String {
    var line = JSONLine()
    try line.add("loss", score.loss)
    try line.add("accuracy", score.accuracy)
    try line.add("images", score.images)
    try classes.add(to: &line)
    return line.text
  }

  private func text(of score: Score, _ classes: ClassResults, _ seconds: Double) -> String {
    let time = ResultTable.row(seconds: seconds, imagesPerSecond: Double(score.images) / seconds)
    return
      (ResultTable.lines(ResultTable.rows(of: score)) + [""] + classes.lines + [""]
      + ResultTable.lines([time])).joined(separator: "\n")
  }
}
