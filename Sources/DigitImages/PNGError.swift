/// A file that is no picture, or one that cannot be read.
package enum PNGError: Error, Sendable, Equatable {
  /// The bytes do not begin as PNG files do; `kind` is what they look like, where that is known.
  case notPNG(kind: String?)
  /// The header announces too many rows or columns.
  case tooLarge(width: Int, height: Int, limit: Int)
  /// libpng found an error and said this.
  case damaged(reason: String)
  /// There is no memory for the pixels.
  case noMemory(width: Int, height: Int)
}

extension PNGError: CustomStringConvertible {
  /// What is wrong and what to do; whoever knows the file's name puts it in front.
  package var description: String {
    switch self {
    case .notPNG(let kind):
      "not a PNG file\(kind.map { ", it looks like \($0)" } ?? ""); save the picture as PNG"
    case .tooLarge(let width, let height, let limit):
      "the picture is \(width) x \(height) pixels; at most \(limit) x \(limit) are read, so make it smaller"
    case .damaged(let reason):
      "the PNG file is damaged (\(reason)); save or fetch it again"
    case .noMemory(let width, let height):
      "there is no memory for a picture of \(width) x \(height) pixels; make it smaller"
    }
  }

  /// What a file that is no PNG most likely is.
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
