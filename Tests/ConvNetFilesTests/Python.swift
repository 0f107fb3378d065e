import Foundation

/// The Python whose `safetensors` is the other side of the tests: `SAFETENSORS_PYTHON`, else `python3` of the PATH.
enum Python {
  static let isAvailable: Bool = (try? run("import numpy, safetensors.numpy; print('yes')")) == "yes\n"

  /// Whether a package is there besides those two; looks for it without the seconds that importing it takes.
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
    // A file: nobody reads it before the end, and a full pipe would stop the script.
    let folder = try TemporaryFolder()
    let messages = URL(fileURLWithPath: folder.file("messages"))
    try Data().write(to: messages)
    process.standardError = try FileHandle(forWritingTo: messages)
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let last = try String(contentsOf: messages, encoding: .utf8).suffix(2000)
      throw Failure(description: "\(interpreter) ended with \(process.terminationStatus): \(last)")
    }
    return String(decoding: printed, as: UTF8.self)
  }
}
