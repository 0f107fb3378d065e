import Foundation

/// A browser without a window.
enum Chromium {
  /// Where it is, if it is: Debian's package, or another's name for it.
  static let executable = ["chromium", "chromium-browser", "google-chrome"].lazy
    .flatMap { name in
      (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
    }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Opens a file and gives the document as it is once it is loaded, and what was said on the console.
  static func open(_ path: String, width: Int, height: Int, dark: Bool) throws -> CommandProcess {
    let folder = path + "-profile"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // Root may not use the sandbox; a page of our own needs none.
    let options =
      "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --no-first-run "
      + "--disable-background-networking --virtual-time-budget=2000 --enable-logging=stderr --dump-dom "
      + "--window-size=\(width),\(height) --user-data-dir=\"$1\"" + (dark ? " --force-dark-mode" : "")
    // A browser that hangs shall fail the test, not stop it.
    return try CommandProcess(
      URL(fileURLWithPath: "/bin/sh"),
      ["-c", "exec timeout 120 \"$0\" \(options) \"file://$2\"", executable ?? "chromium", folder, path])
  }
}
