import Foundation
import FoundationNetworking

/// Why a mirror gave no file.
public enum MirrorFailure: Error, Sendable, Equatable {
  /// Its name is not known, nobody listens there, or the connection ended.
  case connection(String)
  /// No byte came for so long.
  case silence(Duration)
  /// It answered with another status than 200.
  case status(Int)
  /// It sent a page for people, as log-in pages of networks and overloaded servers do.
  case webPage
  /// It goes on and on.
  case endless(limit: Int)
  /// The file cannot be read to its end, or has another length.
  case damaged(DatasetError)
  /// A whole file, but not the one that its name promises.
  case otherContent(expected: String, actual: String)
  /// The caller wanted no more.
  case cancelled

  /// Whether the mirror's other files are as far away.
  var endsMirror: Bool {
    switch self {
    case .connection, .silence: true
    default: false
    }
  }
}

extension MirrorFailure: CustomStringConvertible {
  /// What went wrong, in a few words without the mirror's name.
  public var description: String {
    switch self {
    case .connection(let reason): reason
    case .silence(let time): "silent for \((time / .milliseconds(100)).rounded() / 10) s"
    case .status(let code): "status \(code) (\(HTTPURLResponse.localizedString(forStatusCode: code)))"
    case .webPage: "a web page instead of the file (a log-in page or a proxy?)"
    case .endless(let limit): "more than the \(limit) bytes that the file can have"
    case .damaged(.truncated(_, let expected, let actual)): "cut short: \(actual) of \(expected) bytes"
    case .damaged(.corruptGzip(_, let reason)): "damaged: \(reason)"
    case .damaged(let error): "damaged: \(error)"
    case .otherContent(let expected, let actual):
      "another file: its SHA-256 is \(actual.prefix(12))... instead of \(expected.prefix(12))..."
    case .cancelled: "cancelled"
    }
  }
}
