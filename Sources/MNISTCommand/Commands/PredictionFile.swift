import ConvNetFiles
import DigitImages
import MNISTData

/// A file of images for `predict`: many in IDX, or one drawing in PNG.
enum PredictionFile {
  case idx(path: String)
  case drawing(Drawing)

  /// Looks at a file's first bytes; reads it where it is a drawing.
  ///
  /// Whatever is not IDX or gzip, in content or in name, is taken for a picture, so that somebody who brings a JPEG
  /// is told what to do with it.
  ///
  /// - Throws: `PictureError`.
  init(path: String, _ polarity: InkPolarity) throws(PictureError) {
    let isNamedIDX = path.hasSuffix(".gz") || path.hasSuffix("-ubyte")
    let isIDX = if isNamedIDX { true } else { try Drawing.beginsAsIDX(path) }
    self = isIDX ? .idx(path: path) : .drawing(try Drawing(path: path, polarity))
  }
}

/// A drawing as MNIST's images are.
struct Drawing {
  let path: String
  let digit: DigitNormalizer.Digit

  /// Larger files are not read: 4096 x 4096 pixels of 8 bytes do not even need half of it.
  private static let maxBytes = 256 << 20

  /// Reads and normalizes a PNG file.
  ///
  /// - Throws: `PictureError` with the path.
  init(path: String, _ polarity: InkPolarity) throws(PictureError) {
    let bytes = try Self.bytes(of: path, upTo: Self.maxBytes)
    guard bytes.count < Self.maxBytes else {
      throw PictureError(path: path, reason: TooManyBytes(limit: Self.maxBytes))
    }
    do {
      digit = try DigitNormalizer.digit(GrayImage(png: bytes), polarity)
    } catch {
      throw PictureError(path: path, reason: error)
    }
    self.path = path
  }

  /// Whether a file begins with IDX's two zeros and its type for bytes, or as gzip does.
  static func beginsAsIDX(_ path: String) throws(PictureError) -> Bool {
    let start = try bytes(of: path, upTo: 3)
    return start == [0, 0, 8] || start.starts(with: [0x1F, 0x8B])
  }

  private static func bytes(of path: String, upTo limit: Int) throws(PictureError) -> [UInt8] {
    do throws(FileError) {
      let file = try RegularFile(path: path)
      var bytes = [UInt8](repeating: 0, count: min(file.size, limit))
      try bytes.withUnsafeMutableBufferPointer { (buffer) throws(FileError) in
        try file.read(into: UnsafeMutableRawBufferPointer(buffer))
      }
      return bytes
    } catch {
      throw PictureError(path: nil, reason: error)
    }
  }
}

/// A picture that cannot be read, or has nothing on it.
struct PictureError: Error, CustomStringConvertible {
  /// nil where the reason names it.
  let path: String?
  let reason: any Error

  var description: String { (path.map { "\($0.printable): " } ?? "") + "\(reason)" }
}

/// A file that no picture needs.
private struct TooManyBytes: Error, CustomStringConvertible {
  let limit: Int

  var description: String {
    "the file is larger than \(limit >> 20) MiB, more than any picture that is read needs"
  }
}
