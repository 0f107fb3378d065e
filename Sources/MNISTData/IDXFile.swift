/// The two kinds of IDX files in MNIST.
enum IDXKind {
  case images, labels

  /// The magic number: two zero bytes, 8 for unsigned bytes, and the number of axes.
  var magic: UInt32 { 0x0000_0800 | UInt32(axes.count) }

  /// The names of the axes for messages, outermost first.
  var axes: [String] {
    switch self {
    case .images: ["images", "rows", "columns"]
    case .labels: ["labels"]
    }
  }

  var headerLength: Int { 4 + 4 * axes.count }

  /// The header of a file of this kind: magic and sizes as big-endian 32-bit numbers.
  ///
  ///     00 00 08 03 | 00 00 EA 60 | 00 00 00 1C | 00 00 00 1C | pixels ...
  ///       magic         60,000          28            28
  func header(sizes: [Int]) -> [UInt8] {
    ([magic] + sizes.map { UInt32($0) }).flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
    }
  }
}

/// The content of an IDX file of unsigned bytes, raw or gzip.
///
/// The format is described in LeCun, Cortes and Burges, "The MNIST database of handwritten digits".
struct IDXFile {
  /// The size of every axis, at least 1.
  let sizes: [Int]
  /// The bytes, row-major.
  let bytes: [UInt8]

  /// Reads a file and checks its magic number, sizes, exact length, and gzip checksum.
  ///
  /// - Complexity: O(*n*) time and *n* + 64 KiB memory for *n* bytes.
  init(_ kind: IDXKind, path: String) throws(DatasetError) {
    var reader = try PayloadReader(path: path)
    let magic = bigEndianWords(try reader.read(4, ofLength: kind.headerLength))[0]
    guard magic == kind.magic else {
      throw .wrongMagic(path: path, expected: kind.magic, actual: magic)
    }
    let rest = try reader.read(4 * kind.axes.count, ofLength: kind.headerLength)
    sizes = bigEndianWords(rest).map { Int($0) }
    let length = try IDXFile.length(of: sizes, kind, path: path)
    try reader.requirePlausible(length: kind.headerLength + length)
    bytes = try reader.read(length, ofLength: kind.headerLength + length)
    try reader.requireEnd()
  }

  /// The number of bytes after a header with these sizes.
  private static func length(of sizes: [Int], _ kind: IDXKind, path: String) throws(DatasetError) -> Int {
    var length = 1
    for (size, axis) in zip(sizes, kind.axes) where size == 0 {
      throw .emptyAxis(path: path, axis: axis)
    }
    for size in sizes {
      let (product, overflow) = length.multipliedReportingOverflow(by: size)
      guard !overflow, product <= Int(Int32.max) else { throw .tooLarge(path: path, sizes: sizes) }
      length = product
    }
    return length
  }
}

private func bigEndianWords(_ bytes: [UInt8]) -> [UInt32] {
  stride(from: 0, to: bytes.count, by: 4).map { start in
    bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
