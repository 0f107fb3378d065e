/// Why a PNG file cannot be read or written.
package enum PNGError: Error, Sendable, Equatable {
  /// The bytes do not begin with PNG's signature; `kind` is their probable format, nil if unknown.
  case notPNG(kind: String?)
  /// The header declares too many rows or columns.
  case tooLarge(width: Int, height: Int, limit: Int)
  /// libpng reported an error, with this message.
  case damaged(reason: String)
  /// Memory for the pixels could not be allocated.
  case noMemory(width: Int, height: Int)
}

extension PNGError: CustomStringConvertible {
  /// What is wrong and the remedy, without the file's name.
  package var description: String {
    switch self {
    case .notPNG(let kind):
      "not a PNG file\(kind.map { ", it looks like \($0)" } ?? ""); save the picture as PNG"
    case .tooLarge(let width, let height, let limit):
      "the picture is \(width) x \(height) pixels; at most \(limit) x \(limit) are supported; make it smaller"
    case .damaged(let reason):
      "the PNG file is damaged (\(reason)); save or download it again"
    case .noMemory(let width, let height):
      "not enough memory for a picture of \(width) x \(height) pixels; make it smaller"
    }
  }

  /// The probable format of a file that is not PNG.
  static func kind(of bytes: [UInt8]) -> String? {
    if bytes.isEmpty { return "an empty file" }
    return kinds.first { bytes.starts(with: $0.signature) }?.name
  }

  private static let kinds: [(signature: [UInt8], name: String)] = [
    ([0x89, 0x50, 0x4E, 0x47], "the beginning of one"), ([0xFF, 0xD8, 0xFF], "JPEG"),
    (Array("GIF8".utf8), "GIF"), (Array("RIFF".utf8), "WebP"), (Array("BM".utf8), "BMP"),
    (Array("<svg".utf8), "SVG"), (Array("<".utf8), "a web page"), (Array("%PDF".utf8), "PDF"),
    ([0x1F, 0x8B], "gzip"), ([0, 0, 8], "IDX"),
  ]
}
