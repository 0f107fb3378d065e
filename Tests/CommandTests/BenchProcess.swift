import Foundation

/// A run of the `bench` executable.
struct BenchProcess {
  private let process: CommandProcess

  static let executable = CommandProcess.executable("bench")

  /// Runs the command to its end.
  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    process = try CommandProcess(Self.executable, arguments, environment: environment)
  }

  /// Runs a shell command line in which `$BENCH` is the executable.
  init(shell line: String) throws {
    process = try CommandProcess(shell: line, environment: ["BENCH": Self.executable.path])
  }

  var status: Int32 { process.status }
  var output: String { process.output }
  var messages: String { process.messages }
  var lines: [String] { process.lines }

  /// The lines of the output as JSON objects; throws if a line is not one.
  func rows() throws -> [[String: Any]] { try process.rows() }

  /// Whether this is a release build, in which `bench` measures.
  static var isRelease: Bool {
    #if DEBUG
      false
    #else
      true
    #endif
  }
}

/// A temporary file, removed with the object.
final class ShapesFixture {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("shapes-\(UUID().uuidString).json")

  init(_ text: String) throws { try Data(text.utf8).write(to: url) }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Small layers of every kind: strided, dilated, grouped, depthwise, 1x1, and one that fits Winograd's transforms.
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
