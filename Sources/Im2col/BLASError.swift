/// Why this process' OpenBLAS must not be used.
public enum BLASError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Built without threads: calls from several threads race inside of it.
  case serialFlavor(version: String)
  /// Built on OpenMP: it ignores the wish for one thread, so bits would depend on the machine.
  case openMPFlavor(version: String)
  /// It would not be set to one thread.
  case threads(Int, version: String)
  /// A small integer product came out wrong.
  case wrongProduct(String, index: Int, expected: Float, actual: Float, core: String, version: String)

  /// What is wrong and the command that mends it.
  public var description: String {
    let mend = """
      install the pthread build and select it: apt-get install libopenblas0-pthread libopenblas-dev, then \
      update-alternatives --config libopenblas.so.0-$(uname -m)-linux-gnu
      """
    return switch self {
    case .serialFlavor(let version):
      "\(version) is built without threads and is not safe to call from several; \(mend)"
    case .openMPFlavor(let version):
      "\(version) is built on OpenMP and ignores the thread setting that equal bits need; \(mend)"
    case .threads(let count, let version):
      "\(version) still uses \(count) threads after being told to use 1; \(mend)"
    case .wrongProduct(let product, let index, let expected, let actual, let core, let version):
      """
      \(version) with kernels for \(core) computes wrong products: element \(index) of \(product) is \
      \(actual), not \(expected); try other kernels with OPENBLAS_CORETYPE=Haswell, or another version
      """
    }
  }
}
