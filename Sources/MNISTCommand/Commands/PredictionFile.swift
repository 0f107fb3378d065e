import ConvNetFiles
import DigitImages
import MNISTData

/// An input file of `predict`: an IDX file of images or a PNG drawing.
enum PredictionFile {
  case idx(path: String)
  case drawing(Drawing)

  /// Determines the kind of a file by its name and first bytes; reads it if it is a drawing.
  ///
  /// A file that is neither IDX nor gzip is treated as a drawing, so that a JPEG gets an error with a remedy.
  ///
  /// - Throws: `PictureError`.
  init(path: String, _ polarity: InkPolarity) throws(PictureError) {
    let isNamedIDX = path.hasSuffix(".gz") || path.hasSuffix("-ubyte")
    let isIDX = if isNamedIDX { true } else { try Drawing.beginsAsIDX(path) }
    self = isIDX ? .idx(path: path) : .drawing(try Drawing(path: path, polarity))
  }
}

/// A drawing, normalized like MNIST's images.
struct Drawing {
  let path: String
  let digit: DigitNormalizer.Digit

  /// The largest file that is read: more than twice 4096 x 4096 pixels of 8 bytes.
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

  /// Whether a file begins with the magic number of IDX files of bytes or of gzip.
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

/// A drawing that cannot be read or is blank.
struct PictureError: Error, CustomStringConvertible {
  /// nil if the reason names it.
  let path: String?
  let reason: any Error

  var description: String { (path.map { "\($0.printable): " } ?? "") + "\(reason)" }
}

/// A file larger than any supported drawing.
private struct TooManyBytes: Error, CustomStringConvertible {
  let limit: Int

  var description: String {
    "the file has \(limit >> 20) MiB or more; draw in at most 4096 x 4096 pixels"
  }
}
