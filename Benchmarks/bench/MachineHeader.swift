import Foundation
import Im2col

/// What a number is worth nothing without: the machine, the BLAS and the build, on standard error.
enum MachineHeader {
  static func say(threads: IntegerList) {
    StandardError.say(
      """
      \(BLAS.version)
      kernels for \(BLAS.coreName), one BLAS thread a worker, workers: \(threads)
      \(processor), \(Workers.availableCores) cores for this process, \(build) build
      """)
  }

  static var processor: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown CPU"
  }

  static var build: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }
}
