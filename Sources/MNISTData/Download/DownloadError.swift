import ConvNetFiles

/// Why a download failed.
public enum DownloadError: Error, Sendable, Equatable {
  /// The string is not an http or https URL.
  case badMirror(String)
  /// No mirror provided a file; with the reasons.
  case noMirror(file: String, attempts: [Attempt])
  /// An existing file in the folder cannot be read or is damaged.
  case badFile(DatasetError)
  /// An existing file in the folder has other content than the original.
  case otherFile(path: String, expected: String, actual: String)
  /// The folder, or a file in it, cannot be written.
  case file(FileError)
  /// Neither `HOME` nor `XDG_CACHE_HOME` is set to an absolute path, so there is no cache folder.
  case noCache
  /// The caller cancelled the download.
  case cancelled

  /// A failed attempt.
  public struct Attempt: Sendable, Equatable {
    /// The mirror's host.
    public let mirror: String
    /// Why the attempt failed.
    public let failure: MirrorFailure
  }
}

extension DownloadError: CustomStringConvertible {
  /// What is wrong, with the numbers and the remedy.
  public var description: String {
    switch self {
    case .badMirror(let address):
      "\(address.printable) is not an http or https URL; specify a mirror such as https://example.org/mnist/"
    case .noMirror(let file, let attempts):
      """
      cannot download \(file): \(DownloadError.list(attempts)); check the network, specify another mirror \
      with --mirror URL, or copy the four files into a folder and specify it with --data DIR
      """
    case .badFile(let error):
      "\(error.cause); move it away and run the command again"
    case .otherFile(let path, let expected, let actual):
      """
      \(path.printable) exists with the SHA-256 \(actual) instead of \(expected); move it away, or specify \
      another folder with --to DIR
      """
    case .file(let error): error.description
    case .noCache:
      "neither HOME nor XDG_CACHE_HOME is set to an absolute path; specify a folder with --to DIR"
    case .cancelled: "the download was cancelled"
    }
  }

  /// What is wrong, without a remedy.
  public var brief: String {
    guard case .noMirror(_, let attempts) = self else { return description }
    if attempts.allSatisfy(\.failure.endsMirror), attempts.count > 1 { return "no mirror responds" }
    return DownloadError.list(attempts)
  }

  private static func list(_ attempts: [Attempt]) -> String {
    attempts.map { "\($0.mirror): \($0.failure)" }.joined(separator: ", ").printable
  }
}
