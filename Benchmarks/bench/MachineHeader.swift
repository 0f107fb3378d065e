import Im2col

/// What a number is worth nothing without: the machine, the BLAS and the build, on standard error.
enum MachineHeader {
  static func say(threads: IntegerList) {
    StandardError.say(
      """
      \(BLAS.version)
      kernels for \(BLAS.coreName), one BLAS thread a worker, workers: \(threads)
      \(Processor.current.name), \(Workers.availableCores) cores for this process, \(build) build
      """)
  }

  static var build: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }
}
