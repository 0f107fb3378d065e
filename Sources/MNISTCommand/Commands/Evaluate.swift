import ArgumentParser
import ConvNet
import ConvNetFiles
import MNISTData

/// `mnist evaluate`: loss and accuracy of a model file over the test set.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Test a model on the 10,000 test images.",
    discussion: """
      EXAMPLE
        mnist evaluate --model lenet5.safetensors --data mnist
      """)

  @Option(help: ArgumentHelp("The model's file.", valueName: "file"), completion: .model)
  var model: String

  @OptionGroup var data: DataOptions

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws { try requireName(model, "--model") }

  func run() throws {
    let file = try ModelFile(contentsOf: model)
    let network = try file.model()
    try network.compile(options: threads.computeOptions())
    let location = try data.location()
    let images = try LabelledImages(.test, at: location, scale: file.pixelScale())
    StandardStream.error.note(location.announcement(for: images.name).printable + "\n")
    if let warning = classWarning(model: file.classNames, data: images) {
      StandardStream.error.note(warning + "\n")
    }
    let score = try network.evaluate(images)
    guard score.loss.isFinite else { throw NonFiniteOutput(path: model) }
    try StandardStream.output.line(json ? record(of: score) : sentence(of: score))
  }

  private func record(of score: Score) throws -> String {
    var line = JSONLine()
    try line.add("loss", score.loss)
    try line.add("accuracy", score.accuracy)
    try line.add("images", score.images)
    return line.text
  }

  private func sentence(of score: Score) -> String {
    """
    test accuracy  \(NumberText.percent(score.accuracy, 2)) \
    (\(NumberText.grouped(score.hits)) of \(NumberText.grouped(score.images)))
    test loss      \(NumberText.fixed(score.loss, 4))
    """
  }
}
