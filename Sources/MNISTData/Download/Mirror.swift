import Foundation

/// A folder on the web with a data set's files under their original names.
public struct Mirror: Sendable, Equatable {
  /// The folder's address, which ends with a slash.
  public let url: URL

  /// Parses an address, with or without a final slash.
  ///
  /// - Throws: `DownloadError.badMirror` unless it is an http or https address with a host.
  public init(_ address: String) throws(DownloadError) {
    guard let url = URL(string: address.hasSuffix("/") ? address : address + "/"),
      let scheme = url.scheme?.lowercased(),
      ["http", "https"].contains(scheme), let host = url.host(), !host.isEmpty,
      url.query() == nil, url.fragment() == nil
    else { throw .badMirror(address) }
    self.url = url
  }

  /// The name for messages: host and port.
  public var name: String {
    guard let host = url.host() else { return url.absoluteString }
    return host + (url.port.map { ":\($0)" } ?? "")
  }

  /// The address of a file.
  func address(of file: String) -> URL { url.appending(path: file + ".gz") }
}
