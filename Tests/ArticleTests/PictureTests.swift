import Foundation
import Testing

/// The committed pictures equal those that the code draws from the committed measurements.
struct PictureTests {
  @Test func picturesAreUpToDate() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("figures-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let figures = Process()
    figures.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("figures")
    figures.currentDirectoryURL = Package.root
    figures.arguments = ["draw", "--to", folder.path]
    figures.standardOutput = FileHandle.nullDevice
    try figures.run()
    figures.waitUntilExit()
    try #require(figures.terminationStatus == 0)

    for catalog in Package.catalogs {
      let path = catalog.path.dropFirst(Package.sources.path.count + 1)
      let made = folder.appendingPathComponent(String(path))
      let names = { (folder: URL) in
        Set(
          try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".svg") })
      }
      #expect(try names(made) == names(catalog))
      for name in try names(made) {
        let (now, committed) = try (
          Data(contentsOf: made.appendingPathComponent(name)),
          Data(contentsOf: catalog.appendingPathComponent(name))
        )
        #expect(
          now == committed, "\(name) is not what the code draws; run: swift run -c release figures draw")
      }
    }
  }
}
