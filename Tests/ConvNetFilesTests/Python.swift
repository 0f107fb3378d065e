import Foundation
import TestSupport

/// A Python with `safetensors`, the reference implementation: `SAFETENSORS_PYTHON`, or else `python3` in the
/// PATH.
enum Python {
  static let isAvailable: Bool = (try? run("import numpy, safetensors.numpy; print('yes')")) == "yes\n"

  /// Whether another package is installed too. Finds it without importing it, which takes seconds.
  static func has(_ package: String) -> Bool {
    isAvailable
      && (try? run(
        "import importlib.util, sys; print(importlib.util.find_spec(sys.argv[1]) is not None)", [package]))
        == "True\n"
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs a script and returns what it prints.
  static func run(_ script: String, _ arguments: [String] = []) throws -> String {
    let interpreter = ProcessInfo.processInfo.environment["SAFETENSORS_PYTHON"] ?? "python3"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [interpreter, "-c", script] + arguments
    let output = Pipe()
    process.standardOutput = output
    // A file, because a full pipe would block the script.
    let folder = try TemporaryFolder()
    let messages = URL(fileURLWithPath: folder.file("messages"))
    try Data().write(to: messages)
    process.standardError = try FileHandle(forWritingTo: messages)
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let last = try String(contentsOf: messages, encoding: .utf8).suffix(2000)
      throw Failure(description: "\(interpreter) exited with status \(process.terminationStatus): \(last)")
    }
    return String(decoding: printed, as: UTF8.self)
  }
}
