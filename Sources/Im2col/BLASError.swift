/// The reason why this process's OpenBLAS is not usable.
public enum BLASError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Built without threads; concurrent calls race inside the library.
  case serialFlavor(version: String)
  /// Built with OpenMP; it ignores the request for one thread, so the bits would depend on the machine.
  case openMPFlavor(version: String)
  /// It still uses several threads after being set to one.
  case threads(Int, version: String)
  /// A product of small integers was wrong.
  case wrongProduct(String, index: Int, expected: Float, actual: Float, core: String, version: String)

  /// The problem and the command that fixes it.
  public var description: String {
    let fix = """
      install the pthread build and select it: apt-get install libopenblas0-pthread libopenblas-dev, then \
      update-alternatives --config libopenblas.so.0-$(uname -m)-linux-gnu
      """
    return switch self {
    case .serialFlavor(let version):
      "\(version) is built without threads and is not safe to call from several threads; \(fix)"
    case .openMPFlavor(let version):
      """
      \(version) is built with OpenMP and ignores the request for one thread, so results would depend on the \
      number of threads; \(fix)
      """
    case .threads(let count, let version):
      "\(version) still uses \(count) threads after being set to 1; \(fix)"
    case .wrongProduct(let product, let index, let expected, let actual, let core, let version):
      """
      \(version) with kernels for \(core) computes wrong products: element \(index) of \(product) is \
      \(actual), not \(expected); try other kernels with OPENBLAS_CORETYPE=Haswell, or another version
      """
    }
  }
}
