import ArgumentParser
import ConvNet
import ConvNetFiles
import DigitImages
import MNISTData

/// `mnist predict`: the most likely classes of images.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the three most likely classes of drawings or images.",
    discussion: """
      Takes drawings of a digit (PNG of any kind, up to 4096 x 4096 pixels), IDX files of images, or, without files, \
      images of the test set, for which it also shows the label. A drawing is placed on a white background, converted \
      to grayscale, and normalized as in MNIST: it is scaled so that the longer side of its ink is 20 pixels, and \
      shifted so that its center of mass is at the center of the 28 x 28 image.

      If a file cannot be read, the others are still processed, and the exit status is 1.

      EXAMPLES
        mnist predict --model lenet5.safetensors digit.png
        mnist predict --model lenet5.safetensors --json *.png
        mnist predict --model lenet5.safetensors --index 3,5-9
        mnist predict --model lenet5.safetensors t10k-images-idx3-ubyte.gz
      """)

  @Option(help: ArgumentHelp("The model file.", valueName: "file"), completion: .model)
  var model: String

  @OptionGroup var data: DataOptions

  @Argument(
    help: ArgumentHelp("PNG files, or IDX files of images, raw or gzip.", valueName: "file"),
    completion: .file())
  var files: [String] = []

  @Option(
    help: ArgumentHelp(
      "The indices of the images of a set, counted from 0, such as 3,5-9. (default: 0)", valueName: "list"))
  var index: IndexList?

  @Option(
    help: ArgumentHelp(
      "Whether drawings have dark ink on a light background; auto decides by the border.", valueName: "mode"))
  var invert = InkPolarity.auto

  @Flag(
    inversion: .prefixedNo,
    help: "Show the input of the network. (default: for drawings, not for images of a set)")
  var picture: Bool?

  @Flag(help: "Print one JSON object per image.")
  var json = false

  @Flag(help: "Print predictions only, no messages about the images.")
  var quiet = false

  func validate() throws {
    try requireName(model, "--model")
    for file in files { try requireName(file, "The path of a file") }
    guard files.isEmpty || (data.folder == nil && data.dataset == nil) else {
      let option = data.folder == nil ? "--dataset" : "--data"
      throw ValidationError("files and \(option) cannot be combined; give one of them")
    }
    if invert != .auto, files.isEmpty {
      throw ValidationError("--invert applies to drawings; give a PNG file")
    }
  }

  func run() throws {
    let file = try ModelFile(contentsOf: model)
    let session = PredictionSession(
      probabilities: try Probabilities(file.model()), scale: try file.pixelScale(), model: file,
      style: Terminal(.output).style)
    guard !files.isEmpty else { return try session.predict(testSet(file), options: self) }

    var failures = 0
    for path in files {
      do {
        try session.predict(images(path, session), options: self)
      } catch let error as any SingleFileError {
        guard files.count > 1 else { throw error }
        StandardStream.error.message("error: \(error)")
        failures += 1
      }
    }
    if failures > 0 { throw FailedFiles(failures: failures, files: files.count) }
  }

  private func images(_ path: String, _ session: PredictionSession) throws -> PredictionImages {
    switch try PredictionFile(path: path, invert) {
    case .drawing(let drawing):
      guard index == nil else {
        throw ValidationError("--index selects images of a set, but \(path) is a drawing; omit --index")
      }
      session.warnIfClassesAreNotDigits()
      return PredictionImages(drawing, scale: session.scale)
    case .idx:
      guard invert == .auto else {
        throw ValidationError(
          "--invert applies to drawings, but \(path) is a set of images; omit --invert")
      }
      return try PredictionImages(idxFile: path, scale: session.scale)
    }
  }

  private func testSet(_ file: ModelFile) throws -> PredictionImages {
    PredictionImages(try data.testImages(for: file, quiet: quiet))
  }
}

extension InkPolarity: ExpressibleByArgument {}
