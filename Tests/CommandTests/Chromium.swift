import Foundation

/// A headless browser.
enum Chromium {
  /// The path of the executable, if one is installed.
  static let executable = ["chromium", "chromium-browser", "google-chrome"].lazy
    .flatMap { name in
      (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
    }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Opens a file; the output is the loaded document, the messages include the console.
  ///
  /// - Parameter flags: further options of the browser.
  static func open(
    _ path: String, width: Int, height: Int, dark: Bool, flags: String = ""
  ) throws -> CommandProcess {
    let folder = path + "-profile"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // The sandbox does not work as root.
    let options =
      "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --no-first-run "
      + "--disable-background-networking --virtual-time-budget=2000 --enable-logging=stderr --dump-dom "
      + "--window-size=\(width),\(height) --user-data-dir=\"$1\"" + (dark ? " --force-dark-mode " : " ")
      + flags
    // A browser that hangs must fail the test.
    return try CommandProcess(
      URL(fileURLWithPath: "/bin/sh"),
      ["-c", "exec timeout 120 \"$0\" \(options) \"file://$2\"", executable ?? "chromium", folder, path])
  }
}
