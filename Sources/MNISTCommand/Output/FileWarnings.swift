import ConvNetFiles
import Synchronization

/// The system calls of the commands, which print a warning for each kind of refusal once.
enum FileWarnings {
  static let calls: FileCalls = {
    var calls = FileCalls()
    calls.warn = { print($0) }
    return calls
  }()

  private static let printed = Mutex<Set<String>>([])

  private static func print(_ warning: FileError) {
    if case .system(let step, _, let code) = warning {
      guard printed.withLock({ $0.insert("\(step) \(code)").inserted }) else { return }
    }
    StandardStream.error.message("warning: going on, although this call failed: \(warning)")
  }
}
