import ArgumentParser
import Foundation

struct DrawCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "draw", abstract: "Draws the pictures of the articles.")

  @Option(help: ArgumentHelp("The folder of the modules.", valueName: "folder"), completion: .directory)
  var to = "Sources"

  @Option(help: ArgumentHelp("The folder of the measurements.", valueName: "folder"), completion: .directory)
  var measured = MeasuredFolder.standard

  @Option(help: ArgumentHelp("Draw these pictures only, comma-separated.", valueName: "names"))
  var only: String?

  func run() throws {
    let wanted = only.map { Set($0.split(separator: ",").map(String.init)) }
    if let unknown = wanted?.subtracting(Catalogue.figures.map(\.name)).min() {
      throw ValidationError(
        "There is no picture \"\(unknown)\"; use one of \(Catalogue.figures.map(\.name).joined(separator: ", "))."
      )
    }
    let folder = MeasuredFolder(path: measured)
    // Draw all pictures before writing any, so that a missing measurement changes no file.
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
