import Foundation
import FoundationNetworking

/// Why a mirror did not provide a file.
public enum MirrorFailure: Error, Sendable, Equatable {
  /// The host is unknown, refuses connections, or closed the connection.
  case connection(String)
  /// No byte arrived within this time.
  case timeout(Duration)
  /// The HTTP status is not 200.
  case status(Int)
  /// The response is a web page, for example a network's login page.
  case webPage
  /// The response exceeds the largest possible size of the file.
  case tooLarge(limit: Int)
  /// The file is damaged or has the wrong length.
  case damaged(DatasetError)
  /// The file has other content than the original.
  case otherContent(expected: String, actual: String)
  /// The caller cancelled the download.
  case cancelled

  /// Whether the mirror is not tried for other files.
  var endsMirror: Bool {
    switch self {
    case .connection, .timeout: true
    default: false
    }
  }
}

extension MirrorFailure: CustomStringConvertible {
  /// What went wrong, without the mirror's name.
  public var description: String {
    switch self {
    case .connection(let reason): reason
    case .timeout(let time): "no data for \((time / .milliseconds(100)).rounded() / 10) s"
    case .status(let code): "status \(code) (\(HTTPURLResponse.localizedString(forStatusCode: code)))"
    case .webPage: "a web page instead of the file (a login page or a proxy?)"
    case .tooLarge(let limit): "more than the file's maximum of \(limit) bytes"
    case .damaged(.truncated(_, let expected, let actual)): "cut short: \(actual) of \(expected) bytes"
    case .damaged(.corruptGzip(_, let reason)): "damaged: \(reason)"
    case .damaged(let error): "damaged: \(error)"
    case .otherContent(let expected, let actual):
      "another file: its SHA-256 is \(actual.prefix(12))... instead of \(expected.prefix(12))..."
    case .cancelled: "cancelled"
    }
  }
}
