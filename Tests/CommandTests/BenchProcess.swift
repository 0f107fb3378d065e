import Foundation

/// The built `bench`, run as a user runs it.
struct BenchProcess {
  let status: Int32
  let output: String
  let messages: String

  /// Where the tests' own executable lies, there lie the commands.
  static var executable: URL {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("bench")
  }

  /// Runs to the end; output goes through files, so that no full pipe can stop it.
  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    try self.init(BenchProcess.executable, arguments, environment: environment)
  }

  /// Runs a line of shell in which `$BENCH` is the command.
  init(shell line: String) throws {
    try self.init(
      URL(fileURLWithPath: "/bin/sh"), ["-c", line], environment: ["BENCH": BenchProcess.executable.path])
  }

  private init(_ executable: URL, _ arguments: [String], environment: [String: String]) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func file(_ name: String) throws -> (URL, FileHandle) {
      let url = folder.appendingPathComponent(name)
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

  /// The output's lines.
  var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// The output's lines as JSON objects; a line that is none fails.
  func rows() throws -> [[String: Any]] {
    try lines.map { line in
      guard let row = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
        throw NoObject(line: line)
      }
      return row
    }
  }

  struct NoObject: Error { let line: String }

  /// Whether this build is one that `bench` measures in.
  static var isRelease: Bool {
    #if DEBUG
      false
    #else
      true
    #endif
  }
}

/// A shapes file that is gone with the value.
final class ShapesFixture {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("shapes-\(UUID().uuidString).json")

  init(_ text: String) throws { try Data(text.utf8).write(to: url) }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Small layers of every kind: strided, dilated, grouped, depthwise, 1x1, and one that Winograd may take.
  static let small = """
    [
    {"name": "first", "batch": 3, "height": 13, "width": 11, "kernel": [5, 3], "stride": [2, 1], "padding": [2, 0], "in": 1, "out": 6, "first": true},
    {"name": "dilated", "batch": 2, "height": 9, "width": 14, "kernel": [3, 2], "dilation": [2, 3], "padding": [1, 2], "in": 5, "out": 7},
    {"name": "grouped", "batch": 2, "height": 7, "width": 5, "kernel": [3, 3], "padding": [1, 1], "groups": 2, "in": 6, "out": 4},
    {"name": "depthwise", "batch": 1, "height": 6, "width": 8, "kernel": [3, 3], "groups": 5, "in": 5, "out": 5},
    {"name": "pointwise", "batch": 2, "height": 5, "width": 7, "kernel": [1, 1], "in": 17, "out": 19},
    {"name": "wide", "batch": 1, "height": 14, "width": 13, "kernel": [3, 3], "stride": [1, 1], "padding": [1, 1], "in": 64, "out": 48}
    ]
    """
}
