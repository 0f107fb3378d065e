import Foundation
import TestSupport

/// A completed run of a built command.
struct CommandProcess {
  let status: Int32
  let output: String
  let messages: String

  /// The path of a command: the folder of the tests' own executable.
  static func executable(_ name: String) -> URL {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent(name)
  }

  /// Runs to the end; output goes to files, so that no full pipe can block it.
  init(_ executable: URL, _ arguments: [String], environment: [String: String] = [:]) throws {
    let folder = try TemporaryFolder()
    func file(_ name: String) throws -> (URL, FileHandle) {
      let url = URL(fileURLWithPath: folder.file(name))
      try Data().write(to: url)
      return (url, try FileHandle(forWritingTo: url))
    }
    let (output, outputHandle) = try file("output")
    let (messages, messagesHandle) = try file("messages")
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = outputHandle
    process.standardError = messagesHandle
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    self.output = try String(contentsOf: output, encoding: .utf8)
    self.messages = try String(contentsOf: messages, encoding: .utf8)
  }

  /// Runs a shell command line.
  init(shell line: String, environment: [String: String] = [:]) throws {
    try self.init(URL(fileURLWithPath: "/bin/sh"), ["-c", line], environment: environment)
  }

  /// The output's lines.
  var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// The output's lines as JSON objects; any other line is an error.
  func rows() throws -> [[String: Any]] {
    try lines.map { line in
      guard let row = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
        throw NotAnObject(line: line)
      }
      return row
    }
  }

  struct NotAnObject: Error { let line: String }
}
