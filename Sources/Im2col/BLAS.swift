import CBLASShim

/// The OpenBLAS library of this process. All calls to it go through this type.
///
/// The first use sets OpenBLAS to one thread for the whole process. Its own threads change the bits of
/// results, serialize callers, and are slower on the small products of a tiled convolution. ``Workers``
/// run the products in parallel instead.
public enum BLAS {
  /// Version and build options, for example `OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...`.
  public static var version: String { String(cString: cblas_shim_version()).trimmedEnd }

  /// The kernels that OpenBLAS chose for this CPU, for example `SkylakeX`.
  public static var coreName: String { String(cString: cblas_shim_core_name()) }

  /// The thread support that OpenBLAS was built with.
  public enum Flavor: String, Sendable {
    /// POSIX threads, the only flavor that this package supports.
    case pthread
    /// No threads; not safe to call from several threads.
    case serial
    /// OpenMP threads.
    case openMP = "OpenMP"
  }

  /// The thread support of this process's OpenBLAS.
  public static var flavor: Flavor {
    switch cblas_shim_get_flavor() {
    case cblas_shim_serial: .serial
    case cblas_shim_openmp: .openMP
    default: .pthread
    }
  }

  /// Throws an error if this OpenBLAS is not usable.
  ///
  /// The check runs once per process, takes less than a millisecond, and sets OpenBLAS to one thread.
  ///
  /// - Throws: ``EngineError/blas(_:)`` with the reason.
  public static func requireUsable() throws(EngineError) {
    if let fault { throw .blas(fault) }
  }

  private static let fault: BLASError? = {
    let threads = Int(cblas_shim_use_one_thread())
    return flavorFault(cblas_shim_get_flavor(), threads: threads, version: version)
      ?? BLASSelfTest.firstFault(core: coreName, version: version, multiply: multiply)
  }()

  /// Returns why a library built in this way cannot be used, or nil; separate so that tests can pass any
  /// flavor.
  package static func flavorFault(
    _ flavor: cblas_shim_flavor, threads: Int, version: String
  ) -> BLASError? {
    switch flavor {
    case cblas_shim_serial: .serialFlavor(version: version)
    case cblas_shim_openmp: .openMPFlavor(version: version)
    default: threads == 1 ? nil : .threads(threads, version: version)
    }
  }

  /// One factor of a product: a row-major matrix in memory.
  package struct Matrix {
    package let start: UnsafePointer<Float>
    package let rowStride: Int
    package let transposed: Bool

    /// - Parameters:
    ///   - start: the first element.
    ///   - rowStride: scalars from one stored row to the next.
    ///   - transposed: whether the factor is the transpose of the stored matrix.
    package init(_ start: UnsafePointer<Float>, rowStride: Int, transposed: Bool = false) {
      (self.start, self.rowStride, self.transposed) = (start, rowStride, transposed)
    }
  }

  /// Computes `result = left * right`, or `result += left * right` if `accumulate` is true.
  ///
  /// - Parameters:
  ///   - rows: rows of `result`, at least 1.
  ///   - columns: columns of `result`, at least 1.
  ///   - k: the length of each sum, at least 1.
  /// - Precondition: the sizes come from a validated geometry.
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
