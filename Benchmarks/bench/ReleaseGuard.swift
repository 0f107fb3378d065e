import ArgumentParser
import Foundation

/// Replaces a debug build by the release build, because rates of unoptimized code mean nothing.
enum ReleaseGuard {
  /// Returns in a release build; a debug build executes `swift run -c release bench` with the same arguments.
  static func requireRelease() throws {
    #if DEBUG
      let arguments = Array(CommandLine.arguments.dropFirst())
      let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      guard let package = packageFolder(above: executable) else {
        throw CannotHandOver(reason: "no Package.swift above \(executable.path)", package: nil, arguments)
      }
      let command =
        ["swift", "run", "--configuration", "release", "--package-path", package.path]
        + scratchOption(executable, package) + ["bench"] + arguments
      StandardError.say("bench: this is a debug build; running \(command.joined(separator: " "))")
      var pointers = command.map { strdup($0) } + [nil]
      execvp("swift", &pointers)
      throw CannotHandOver(reason: "swift: \(String(cString: strerror(errno)))", package: package, arguments)
    #endif
  }

  /// Returns the nearest parent folder with a `Package.swift`.
  static func packageFolder(above file: URL) -> URL? {
    var folder = file.deletingLastPathComponent()
    while folder.path != "/" {
      if FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path) {
        return folder
      }
      folder.deleteLastPathComponent()
    }
    return nil
  }

  /// The option for the build folder of this build, `<scratch>/<triple>/debug/bench`; empty for `.build`.
  private static func scratchOption(_ executable: URL, _ package: URL) -> [String] {
    let scratch = executable.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return scratch == package.appendingPathComponent(".build").standardizedFileURL
      ? [] : ["--scratch-path", scratch.path]
  }

  struct CannotHandOver: Error, CustomStringConvertible {
    let description: String

    init(reason: String, package: URL?, _ arguments: [String]) {
      let path = package.map { " --package-path \($0.path)" } ?? ""
      description = """
        this is a debug build, whose rates mean nothing, and the release build could not be started \
        (\(reason)); run: swift run -c release\(path) bench \(arguments.joined(separator: " "))
        """
    }
  }
}
