import ConvNetFiles
import Foundation

/// A new file for a model whose own file cannot be written.
///
/// It is in the first of these folders that can hold it: the current one, `$XDG_STATE_HOME/swift-im2col`, and
/// `$TMPDIR`. Its name has a random suffix, and it is created exclusively, so it replaces nothing. Source of the
/// default folders: XDG Base Directory Specification 0.8; POSIX, section 8.3.
enum FallbackFile {
  /// What to do if no folder can hold the file.
  static let advice = "free some disk space, or set TMPDIR to a folder with space, and train again"

  /// Calls `write` with the path of a new file, in one folder after the other, until it succeeds.
  ///
  /// - Returns: the path, or nil if every folder failed; the empty files are removed then.
  static func firstWritten<Failure>(_ write: (String) throws(Failure) -> Void) -> String? {
    let environment = ProcessInfo.processInfo.environment
    for folder in folders(environment) {
      guard let path = create(in: folder, creatingFolder: folder.hasSuffix(stateFolder)) else { continue }
      do throws(Failure) {
        try write(path)
        return path
      } catch {
        unlink(path)
      }
    }
    return nil
  }

  private static let stateFolder = "/swift-im2col"

  /// Returns the folders in order, without those whose variable is a relative path.
  static func folders(_ environment: [String: String]) -> [String] {
    func absolute(_ name: String) -> String? {
      environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    let state = absolute("XDG_STATE_HOME") ?? absolute("HOME").map { $0 + "/.local/state" }
    return ["."] + (state.map { [$0 + stateFolder] } ?? []) + [absolute("TMPDIR") ?? "/tmp"]
  }

  /// Creates an empty file, and its folder with its parents as the specification says.
  private static func create(in folder: String, creatingFolder: Bool) -> String? {
    if creatingFolder {
      try? FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    let path = "\(folder == "." ? "" : folder + "/")model-\(suffix).safetensors"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { return nil }
    close(descriptor)
    return path
  }
}
