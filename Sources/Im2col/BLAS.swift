import CBLASShim

/// What this package knows of the OpenBLAS that the process runs with, and the one call into it.
///
/// OpenBLAS is set to one thread for the whole process the first time it is used here: its own
/// threads give other bits, serialise callers, and are slower on the small products that
/// convolution by tiles is made of. The package spreads the work over `Workers` instead.
public enum BLAS {
  /// Version and build options, for example `OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...`.
  public static var version: String { String(cString: cblas_shim_version()).trimmedEnd }

  /// The kernels chosen for this CPU, for example `SkylakeX`.
  public static var coreName: String { String(cString: cblas_shim_core_name()) }

  /// How it was built to run threads.
  public enum Flavor: String, Sendable {
    /// The only one that this package works with.
    case pthread
    /// Without threads of its own, and not safe to call from several.
    case serial
    /// On OpenMP.
    case openMP = "OpenMP"
  }

  /// How this process' OpenBLAS was built to run threads.
  public static var flavor: Flavor {
    switch cblas_shim_get_flavor() {
    case cblas_shim_serial: .serial
    case cblas_shim_openmp: .openMP
    default: .pthread
    }
  }

  /// Throws when this OpenBLAS must not be used: see `BLASError`.
  ///
  /// The check runs once a process, takes under a millisecond, and sets OpenBLAS to one thread.
  ///
  /// - Throws: `EngineError.blas`.
  public static func requireUsable() throws(EngineError) {
    if let fault { throw .blas(fault) }
  }

  private static let fault: BLASError? = {
    let threads = Int(cblas_shim_use_one_thread())
    return flavorFault(cblas_shim_get_flavor(), threads: threads, version: version)
      ?? BLASSelfTest.firstFault(core: coreName, version: version, multiply: multiply)
  }()

  /// Judges how the library was built; apart from the process' own so that tests can ask about others.
  package static func flavorFault(
    _ flavor: cblas_shim_flavor, threads: Int, version: String
  ) -> BLASError? {
    switch flavor {
    case cblas_shim_serial: .serialFlavor(version: version)
    case cblas_shim_openmp: .openMPFlavor(version: version)
    default: threads == 1 ? nil : .threads(threads, version: version)
    }
  }

  /// One factor of a product: numbers in memory, row-major, with the distance between rows.
  package struct Matrix {
    package let start: UnsafePointer<Float>
    package let rowStride: Int
    package let transposed: Bool

    /// - Parameters:
    ///   - start: the first element.
    ///   - rowStride: scalars from one stored row to the next.
    ///   - transposed: whether the product takes the transpose of what is stored.
    package init(_ start: UnsafePointer<Float>, rowStride: Int, transposed: Bool = false) {
      (self.start, self.rowStride, self.transposed) = (start, rowStride, transposed)
    }
  }

  /// `result = left * right`, or `result += left * right` when `accumulate` is set.
  ///
  /// - Parameters:
  ///   - rows: rows of `result`; not zero.
  ///   - columns: columns of `result`; not zero.
  ///   - k: length of each sum; not zero.
  /// - Precondition: the sizes are what a validated geometry gives.
  package static func multiply(
    rows: Int, columns: Int, k: Int, _ left: Matrix, _ right: Matrix,
    into result: UnsafeMutablePointer<Float>, rowStride: Int, accumulate: Bool
  ) {
    let status = cblas_shim_sgemm(
      left.transposed ? 1 : 0, right.transposed ? 1 : 0, Int64(rows), Int64(columns), Int64(k), 1,
      left.start, Int64(left.rowStride), right.start, Int64(right.rowStride), accumulate ? 1 : 0, result,
      Int64(rowStride))
    precondition(
      status == cblas_shim_ok,
      """
      sgemm refused \(rows)x\(columns)x\(k) with leading dimensions \(left.rowStride), \
      \(right.rowStride), \(rowStride)
      """)
  }
}
