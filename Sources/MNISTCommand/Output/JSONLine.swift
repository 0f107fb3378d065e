import Foundation

/// A JSON object on one line, its members in the order of `add`.
package struct JSONLine {
  private var members: [String] = []

  package init() {}

  /// Adds a member.
  ///
  /// - Throws: `EncodingError` for NaN and infinities, which JSON lacks.
  package mutating func add(_ key: String, _ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let parts = [try encoder.encode(key), try encoder.encode(value)]
    members.append(parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ":"))
  }

  /// The object, without a newline.
  package var text: String { "{" + members.joined(separator: ",") + "}" }
}
