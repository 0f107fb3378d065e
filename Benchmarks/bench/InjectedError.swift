import Foundation
import Im2col

/// A wrong number in the result of one case, which tests the check: `BENCH_PLANT_ERROR=layer/vgg3_2/forward
/// bench layers ...` must end with exit status 1.
struct InjectedError {
  let caseName: String

  /// The error that the environment variable requests, if it is set.
  static var fromEnvironment: InjectedError? {
    ProcessInfo.processInfo.environment["BENCH_PLANT_ERROR"].map(InjectedError.init)
  }

  /// Changes the last number of the case's result, which is always checked, by more than rounding can.
  func corrupt(_ result: inout Tensor, of name: String) {
    guard name == caseName, result.count > 0 else { return }
    let last = result.count - 1
    let value = result.scalars[last]
    result.scalars[last] = value + 10 * max(abs(value), 1)
  }
}

/// A case with a wrong result, which is not measured.
struct WrongResult: Error, CustomStringConvertible {
  let description: String

  init(_ name: String, threads: Int, _ problem: String) {
    description = "\(name) is wrong with \(threads) threads, so it is not timed: \(problem)"
  }
}
