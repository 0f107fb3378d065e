import ArgumentParser
import ConvNet
import ConvNetFiles
import Foundation
import MNISTData

/// `mnist predict`: what a model sees in some images.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the three likeliest classes of images.",
    discussion: """
      Takes images from IDX files, or else from the test set, where it also shows the right answer.

      EXAMPLES
        mnist predict --model lenet5.safetensors --index 3,5-9
        mnist predict --model lenet5.safetensors t10k-images-idx3-ubyte.gz --index 0-99 --json
      """)

  @Option(help: ArgumentHelp("The model's file.", valueName: "file"), completion: .model)
  var model: String

  @OptionGroup var data: DataOptions

  @Argument(
    help: ArgumentHelp("IDX files of images, raw or gzip.", valueName: "idx-file"), completion: .file())
  var files: [String] = []

  @Option(help: ArgumentHelp("Which images, counted from 0: 3,5-9.", valueName: "list"))
  var index = IndexList(0...0)

  @Flag(help: "Print one JSON object an image.")
  var json = false

  func validate() throws {
    try requireName(model, "--model")
    for file in files { try requireName(file, "An IDX file's path") }
    guard files.isEmpty || data.folder == nil else {
      throw ValidationError("IDX files and --data exclude each other; give one of them")
    }
  }

  func run() throws {
    let file = try ModelFile(contentsOf: model)
    let probabilities = try Probabilities(file.model())
    let scale = try file.pixelScale()
    let sets =
      try files.isEmpty ? [testSet(file, scale)] : files.map { try AskedImages(idxFile: $0, scale: scale) }
    for images in sets { try index.require(below: images.count, of: images.name) }
    let style = TextStyle(
      environment: ProcessInfo.processInfo.environment, isTerminal: Terminal(.output).redraws)
    for images in sets {
      for place in index.indices {
        let outputs = try probabilities.of(images, place)
        guard outputs.allSatisfy(\.isFinite) else { throw NonFiniteOutput(path: model) }
        let answer = Prediction(
          index: place, label: images.label(place), file: images.path,
          outputs: zip(file.classNames, outputs).map { ($0, Double($1)) })
        try StandardStream.output.line(json ? answer.record() : answer.text(style: style))
      }
    }
  }

  private func testSet(_ file: ModelFile, _ scale: PixelScale) throws -> AskedImages {
    let location = try data.location()
    let images = try LabelledImages(.test, at: location, scale: scale)
    StandardStream.error.note(location.announcement(for: images.name).printable + "\n")
    if let warning = classWarning(model: file.classNames, data: images) {
      StandardStream.error.note(warning + "\n")
    }
    return AskedImages(images)
  }
}
