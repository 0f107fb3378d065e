import ConvNet
import ConvNetFiles
import DigitImages
import Foundation
import Im2col
import Testing
import mnist

/// `predict` with drawings.
@Suite struct MNISTDrawingTests {
  /// An untrained model.
  private func model(_ data: SmallMNIST) throws -> String {
    let path = data.file("m.safetensors")
    try ModelFile(Sequential(inputShape: LeNet5.inputShape, layers: LeNet5.layers())).write(to: path)
    return path
  }

  /// A thick stroke from the top right to the bottom left, dark on light.
  private func drawing(_ data: SmallMNIST, _ name: String, ink: UInt8 = 20, background: UInt8 = 240) throws
    -> String
  {
    var image = GrayImage(
      size: Size2D(height: 60, width: 50), pixels: .init(repeating: background, count: 3000))
    for row in 10..<50 { for column in 0..<6 { image.pixels[row * 50 + 40 - row / 2 + column] = ink } }
    try Data(image.png()).write(to: URL(fileURLWithPath: data.file(name)))
    return data.file(name)
  }

  @Test func barsAndAPicture() throws {
    let data = try SmallMNIST()
    let path = try drawing(data, "slash.png")
    let run = try MNISTCommandLine.run(
      ["predict", "--model", model(data), path], environment: ["LC_ALL": "C.UTF-8"])
    #expect(run.status == 0 && run.messages.isEmpty, "\(run.messages)")
    #expect(run.lines.first == path)
    for line in run.lines[1...3] {
      #expect(line.wholeMatch(of: #/  \d +\d+\.\d\d%  [█▏▎▍▌▋▊▉·]{20}/#) != nil, "\(line)")
    }
    // 20 rows of ink take 10 or 11 lines; the stroke goes from right to left.
    let picture = run.lines.dropFirst(4)
    #expect((10...11).contains(picture.count), "\(run.output)")
    let starts = picture.map { $0.prefix { $0 == " " }.count }
    #expect(starts == starts.sorted(by: >) && starts.allSatisfy { $0 > 8 }, "\(run.output)")
    #expect(
      try MNISTCommandLine.run(["predict", "--model", model(data), path, "--no-picture"]).lines.count == 4)
  }

  @Test func jsonReportsInversion() throws {
    let data = try SmallMNIST()
    let (dark, light) = try (drawing(data, "dark.png"), drawing(data, "light.png", ink: 240, background: 20))
    let rows = try MNISTCommandLine.run(["predict", "--model", model(data), "--json", dark, light]).rows()
    #expect(rows.map { $0["inverted"] as? Bool } == [true, false])
    #expect(rows.map { $0["file"] as? String } == [dark, light] && rows.allSatisfy { $0["index"] == nil })
    // Both drawings show the same digit.
    let predictions = rows.map { $0["predictions"] as? [[String: AnyHashable]] }
    #expect(predictions[0]?.count == 3 && predictions[0] == predictions[1])
    let forced = try MNISTCommandLine.run([
      "predict", "--model", model(data), "--json", "--invert", "no", dark,
    ])
    .rows()
    #expect(forced[0]["inverted"] as? Bool == false)
  }

  /// The other files are processed, and the status is 1.
  @Test func badFilesAmongGoodOnes() throws {
    let data = try SmallMNIST()
    let good = try drawing(data, "good.png")
    let whole = try Data(contentsOf: URL(fileURLWithPath: good))
    let blank = GrayImage(size: Size2D(height: 9, width: 9), pixels: .init(repeating: 255, count: 81))
    let bad: [(name: String, content: Data, message: String)] = try [
      ("cut.png", whole.dropLast(20), "is damaged (the file is cut short)"),
      ("bit.png", Data(whole.enumerated().map { $0 == 60 ? $1 ^ 4 : $1 }), "is damaged"),
      ("blank.png", Data(blank.png()), "the picture is blank"),
      ("empty.png", Data(), "looks like an empty file"),
      ("photo.jpg", Data([0xFF, 0xD8, 0xFF, 0xE0]), "looks like JPEG"),
      ("half-ubyte", Data([0, 0, 8, 3, 0]), "cut short"),
    ]
    for (name, content, _) in bad { try content.write(to: URL(fileURLWithPath: data.file(name))) }
    let files = bad.map { data.file($0.name) } + [data.file("nowhere.png"), data.path]
    let run = try MNISTCommandLine.run(["predict", "--model", model(data), "--json", good] + files + [good])
    #expect(run.status == 1)
    #expect(try run.rows().map { $0["file"] as? String } == [good, good])
    let messages = run.messages.split(separator: "\n")
    #expect(messages.count == files.count + 1, "\(run.messages)")
    for ((name, _, message), line) in zip(bad, messages) {
      #expect(line.hasPrefix("error: \(data.file(name))") && line.contains(message), "\(line)")
    }
    #expect(messages[bad.count].contains("nowhere.png") && messages[bad.count + 1].contains("is a folder"))
    #expect(messages.last == "error: 8 of 10 files have no prediction; see the messages above")
    // For a single file, its own message is the only one.
    let alone = try MNISTCommandLine.run(["predict", "--model", model(data), files[0]])
    #expect(alone.status == 1 && alone.output.isEmpty && alone.messages.split(separator: "\n").count == 1)
  }

  @Test func optionsThatDoNotFitTheFile() throws {
    let data = try SmallMNIST()
    let path = try drawing(data, "d.png")
    let set = data.file("t10k-images-idx3-ubyte")
    for (arguments, text) in [
      ([path, "--index", "0"], "is a drawing"), ([set, "--invert", "yes"], "is a set of images"),
      (["--data", data.path, "--invert", "yes"], "--invert applies to drawings"),
      ([path, "--invert", "maybe"], "maybe"),
      ([path, "--data", data.path], "cannot be combined"),
    ] {
      let run = try MNISTCommandLine.run(["predict", "--model", model(data)] + arguments)
      #expect(run.status == 64 && run.output.isEmpty && run.messages.contains(text), "\(run.messages)")
    }
  }

  @Test func modelsOfOtherClassesOrInputs() throws {
    let data = try SmallMNIST()
    let path = try drawing(data, "d.png")
    let clothes = data.file("clothes.safetensors")
    let network = try Sequential(inputShape: [28, 28, 1], layers: [.flatten, .dense(units: 2)])
    try ModelFile(network, classNames: ["Bag", "Coat"]).write(to: clothes)
    let run = try MNISTCommandLine.run(["predict", "--model", clothes, path, path])
    #expect(run.status == 0 && run.messages.split(separator: "\n").count == 1)
    #expect(run.messages.contains("the model's classes are Bag, Coat"))
    let color = data.file("color.safetensors")
    try ModelFile(Sequential(inputShape: [28, 28, 3], layers: [.flatten, .dense(units: 2)])).write(to: color)
    let unfit = try MNISTCommandLine.run(["predict", "--model", color, path])
    #expect(
      unfit.status == 1 && unfit.messages.contains("d.png") && unfit.messages.contains("[1, 28, 28, 3]"))
  }

  @Test func blockPictures() {
    let image = GrayImage(
      size: Size2D(height: 5, width: 3), pixels: [0, 0, 0, 0, 255, 0, 255, 0, 128, 127, 255, 0, 0, 0, 200])
    let blocks = BlockPicture(style: TextStyle(color: false, unicode: true))
    #expect(blocks.lines(image) == [" ▄", "▀▄▀", "  ▀"])
    let ascii = BlockPicture(style: TextStyle(color: false, unicode: false))
    #expect(ascii.lines(image) == [" =", "*=:", "  -"])
    let colored = BlockPicture(style: TextStyle(color: true, unicode: true)).lines(image)
    #expect(
      colored.count == 3 && colored[0].hasPrefix("\u{1B}[38;5;232;48;5;232m▀\u{1B}[38;5;232;48;5;255m▀"))
    #expect(colored.allSatisfy { $0.hasSuffix("\u{1B}[0m") })
    // A picture without colors has no empty lines.
    #expect(
      blocks.lines(GrayImage(size: Size2D(height: 4, width: 2), pixels: [0, 0, 0, 0, 255, 0, 0, 0])) == ["▀"])
  }
}
