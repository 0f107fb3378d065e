import Foundation

/// The Python whose `safetensors` is the other side of the tests: `SAFETENSORS_PYTHON`, else `python3` of the PATH.
enum Python {
  static let isAvailable: Bool = (try? run("import numpy, safetensors.numpy; print('yes')")) == "yes\n"

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
    process.standardError = FileHandle.nullDevice
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(interpreter) ended with \(process.terminationStatus)")
    }
    return String(decoding: printed, as: UTF8.self)
  }
}
