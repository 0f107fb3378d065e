import ArgumentParser
import ConvNet
import ConvNetFiles
import DigitImages
import MNISTData

/// `mnist predict`: what a model sees in some images.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the three likeliest classes of drawings or images.",
    discussion: """
      Takes drawings of a digit (PNG of any kind, up to 4096 x 4096 pixels), IDX files of images, or else images of \
      the test set, where it also shows the right answer. A drawing is laid on white, made gray, and scaled and \
      centered as MNIST's digits are: the longer side of its ink to 20 pixels, its center of mass in the middle of \
      28 x 28.

      A file that cannot be read does not keep the others from being done; the exit status is 1 then.

      EXAMPLES
        mnist predict --model lenet5.safetensors digit.png
        mnist predict --model lenet5.safetensors --json *.png
        mnist predict --model lenet5.safetensors --index 3,5-9
        mnist predict --model lenet5.safetensors t10k-images-idx3-ubyte.gz --index 0-99
      """)

  @Option(help: ArgumentHelp("The model's file.", valueName: "file"), completion: .model)
  var model: String

  @OptionGroup var data: DataOptions

  @Argument(
    help: ArgumentHelp("PNG files, or IDX files of images, raw or gzip.", valueName: "picture"),
    completion: .file())
  var files: [String] = []

  @Option(help: ArgumentHelp("Which images of a set, counted from 0: 3,5-9. (default: 0)", valueName: "list"))
  var index: IndexList?

  @Option(
    help: ArgumentHelp(
      "Whether a drawing has dark ink on light paper: yes, no, or auto, as its border tells.",
      valueName: "choice"))
  var invert = InkPolarity.auto

  @Flag(
    inversion: .prefixedNo,
    help: "Show what the network saw. (default: for drawings, not for images of a set)")
  var picture: Bool?

  @Flag(help: "Print one JSON object an image.")
  var json = false

  func validate() throws {
    try requireName(model, "--model")
    for file in files { try requireName(file, "A picture's path") }
    guard files.isEmpty || data.folder == nil else {
      throw ValidationError("files and --data exclude each other; give one of them")
    }
    if invert != .auto, files.isEmpty {
      throw ValidationError("--invert is for drawings; name a PNG file")
    }
  }

  func run() throws {
    let file = try ModelFile(contentsOf: model)
    let asking = PredictionSession(
      probabilities: try Probabilities(file.model()), scale: try file.pixelScale(), model: file,
      style: Terminal(.output).style)
    guard !files.isEmpty else { return try asking.answer(self, testSet(file, asking.scale)) }

    var failures = 0
    for path in files {
      do {
        try asking.answer(self, images(path, asking))
      } catch let error as any SingleFileError {
        guard files.count > 1 else { throw error }
        StandardStream.error.note("error: \(error)".printable + "\n")
        failures += 1
      }
    }
    if failures > 0 { throw FailedFiles(failures: failures, files: files.count) }
  }

  private func images(_ path: String, _ asking: PredictionSession) throws -> PredictionImages {
    switch try PredictionFile(path: path, invert) {
    case .drawing(let drawing):
      guard index == nil else {
        throw ValidationError("--index chooses images of a set, but \(path) is one drawing; leave it out")
      }
      asking.warnIfClassesAreNoDigits()
      return PredictionImages(drawing, scale: asking.scale)
    case .idx:
      guard invert == .auto else {
        throw ValidationError("--invert is for drawings, but \(path) is a set of images; leave it out")
      }
      return try PredictionImages(idxFile: path, scale: asking.scale)
    }
  }

  private func testSet(_ file: ModelFile, _ scale: PixelScale) throws -> PredictionImages {
    let location = try data.location()
    let images = try LabeledImages(.test, at: location, scale: scale)
    StandardStream.error.note(location.announcement(for: images.name).printable + "\n")
    if let warning = classWarning(model: file.classNames, data: images) {
      StandardStream.error.note(warning + "\n")
    }
    return PredictionImages(images)
  }
}

extension InkPolarity: ExpressibleByArgument {}
