import CArguments
import Glibc

/// The arguments of this process, without the name of the program.
///
/// Swift's `CommandLine` reads them from `/proc`, which a container may lack, and repairs bytes that are not UTF-8:
/// a repaired path is the name of another file.
package enum ProcessArguments {
  /// Returns all arguments.
  ///
  /// - Throws: `NotUTF8` with the first argument that is not UTF-8.
  package static func all() throws(NotUTF8) -> [String] {
    guard let values = carguments_values() else { return [] }
    var arguments: [String] = []
    for index in 1..<max(1, Int(carguments_count())) {
      guard let value = values[index] else { break }
      guard let argument = String(validatingCString: value) else { throw NotUTF8(value) }
      arguments.append(argument)
    }
    return arguments
  }

  /// An argument that is not UTF-8.
  package struct NotUTF8: Error, CustomStringConvertible {
    package let description: String

    /// - Parameter value: a string that ends with a zero byte.
    fileprivate init(_ value: UnsafePointer<CChar>) {
      let bytes = UnsafeBufferPointer(start: value, count: strlen(value)).map { UInt8(bitPattern: $0) }
      let text = bytes.map { byte in
        (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\\")
          ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
      // A pattern that the shell expands to the name; after `--model=` only the value is one.
      let isOption = bytes.starts(with: "--".utf8)
      let path = isOption ? bytes.drop { $0 != UInt8(ascii: "=") }.dropFirst() : bytes[...]
      let pattern = path.map { byte in
        let character = Character(UnicodeScalar(byte))
        return byte < 0x80 && (character.isLetter || character.isNumber || "/._-+=".contains(character))
          ? String(character) : "?"
      }
      let remedy =
        pattern.isEmpty
        ? "check its spelling" : "use a link with a plain name instead: ln -s \(pattern.joined()) plain-name"
      description = "the argument \(text.joined()) is not UTF-8; \(remedy)"
    }
  }
}
