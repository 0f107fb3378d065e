import ArgumentParser
import Foundation

struct DrawCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "draw", abstract: "Draws all or some pictures into the folders of their articles.")

  @Option(help: "The folder that contains the modules.")
  var to = "Sources"

  @Option(help: "The folder with the measurements.")
  var measured = MeasuredFolder.standard

  @Option(help: "The names of the pictures to draw, separated by commas.")
  var only: String?

  func run() throws {
    let wanted = only.map { Set($0.split(separator: ",").map(String.init)) }
    if let unknown = wanted?.subtracting(Catalogue.figures.map(\.name)).min() {
      throw ValidationError(
        "There is no picture \"\(unknown)\"; choose from \(Catalogue.figures.map(\.name).joined(separator: ", "))."
      )
    }
    let folder = MeasuredFolder(path: measured)
    // All are drawn before any is written: a missing measurement changes no file.
    let drawn = try Catalogue.figures.filter { wanted?.contains($0.name) ?? true }
      .map { (path: $0.path, text: SVG(try $0.make(folder)).text) }
    for picture in drawn {
      let file = URL(fileURLWithPath: to).appendingPathComponent(picture.path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(picture.text.utf8).write(to: file, options: .atomic)
      print(file.relativePath)
    }
  }
}
