import CommandSupport
import Foundation
import Im2col

/// The machine, the BLAS, and the build, printed to standard error before the rows.
enum MachineHeader {
  static func say(threads: IntegerList) {
    let cores = Workers.availableCores
    StandardError.say(
      """
      \(BLAS.version)
      kernels for \(BLAS.coreName), one BLAS thread per worker, workers: \(threads)
      \(Processor.current.name), \(cores) cores for this process, \(build) build
      """)
    if let load = loadAverage, load > Double(cores) {
      StandardError.say(
        "note: the load average is \(fixed(load, 1)), more than the number of cores; rates will be too low")
    }
  }

  /// The load average of the last minute; nil if the system does not report it.
  private static var loadAverage: Double? {
    var load = 0.0
    return getloadavg(&load, 1) == 1 ? load : nil
  }

  static var build: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }
}
