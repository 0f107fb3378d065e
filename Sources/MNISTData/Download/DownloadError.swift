import ConvNetFiles

/// A download that put nothing in place.
public enum DownloadError: Error, Sendable, Equatable {
  /// Not the address of a folder on the web.
  case badMirror(String)
  /// No mirror has given one of the files: which, and why not.
  case noMirror(file: String, attempts: [Attempt])
  /// There is a file in the folder already that cannot be read or is damaged.
  case badFile(DatasetError)
  /// There is a whole file in the folder already, but not the one that its name promises.
  case otherFile(path: String, expected: String, actual: String)
  /// The folder, or a file in it, cannot be written.
  case file(FileError)
  /// The environment has no home, so that there is no cache to download into.
  case noCache
  /// The caller wanted no more.
  case cancelled

  /// What became of asking a mirror.
  public struct Attempt: Sendable, Equatable {
    /// The mirror's host.
    public let mirror: String
    /// Why it gave no file.
    public let failure: MirrorFailure
  }
}

extension DownloadError: CustomStringConvertible {
  /// What is wrong, with the numbers, and what to do.
  public var description: String {
    switch self {
    case .badMirror(let text):
      "\(text.printable) is no mirror; name a folder on the web such as https://example.org/mnist/"
    case .noMirror(let file, let attempts):
      """
      cannot fetch \(file): \(DownloadError.sentence(attempts)); check the network, name another mirror with --mirror URL, or copy the \
      four files into a folder and name it with --data DIR
      """
    case .badFile(let error):
      "what is there already is never replaced: \(error), after moving this one away"
    case .otherFile(let path, let expected, let actual):
      """
      \(path.printable) is there already, but with the SHA-256 \(actual) instead of \(expected); move it away, \
      or name another folder with --to DIR
      """
    case .file(let error): error.description
    case .noCache:
      "neither XDG_CACHE_HOME nor HOME names a folder to download into; name one with --to DIR"
    case .cancelled: "the download was cancelled"
    }
  }

  /// What is wrong, in a few words.
  public var brief: String {
    guard case .noMirror(_, let attempts) = self else { return description }
    if attempts.allSatisfy(\.failure.endsMirror), attempts.count > 1 { return "no mirror answers" }
    return DownloadError.sentence(attempts)
  }

  private static func sentence(_ attempts: [Attempt]) -> String {
    attempts.map { "\($0.mirror): \($0.failure)" }.joined(separator: ", ").printable
  }
}
