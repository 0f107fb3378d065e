import Foundation
import MNISTData
import TestSupport
import Testing

/// Valid and invalid IDX files, raw and compressed.
@Suite struct IDXFileTests {
  private let folder: TemporaryFolder
  private let set = SmallSet.train

  init() throws { folder = try TemporaryFolder() }

  /// The error of reading bytes as a file of images; nil for none.
  private func failure(_ bytes: [UInt8]) throws -> DatasetError? {
    let path = try folder.write(bytes, "images")
    do throws(DatasetError) {
      _ = try IDXImages(path: path)
      return nil
    } catch {
      #expect("\(error)".contains("images"), "the text names the file: \(error)")
      return error
    }
  }

  private var path: String { "\(folder.path)/images" }

  @Test(arguments: [false, true])
  func readsRawAndGzip(gzipped: Bool) throws {
    let file = set.imagesFile
    let images = try IDXImages(path: folder.write(gzipped ? gzip(file) : file, "images"))
    #expect(images.count == 5)
    #expect(images.size.height == 3 && images.size.width == 2)
    #expect(images.pixels == set.pixels)
  }

  /// More than one block of 64 KiB, in bytes that hardly compress.
  @Test func readsManyBuffersOfGzip() throws {
    var state: UInt32 = 1
    let pixels = (0..<300_007).map { _ -> UInt8 in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    let file = gzip(idx(0x803, [300_007, 1, 1], pixels))
    #expect(file.count > 4 * 65_536)
    #expect(try IDXImages(path: folder.write(file, "images")).pixels == pixels)
  }

  @Test func truncatedAtEveryByte() throws {
    let file = set.imagesFile
    for length in 0..<file.count {
      let expected = length < 16 ? 16 : file.count
      #expect(
        try failure(Array(file.prefix(length)))
          == .truncated(path: path, expected: expected, actual: length), "\(length) bytes")
    }
  }

  @Test func truncatedPayloadInsideGzip() throws {
    let file = set.imagesFile
    for length in 1..<file.count {
      let expected = length < 16 ? 16 : file.count
      #expect(
        try failure(gzip(Array(file.prefix(length))))
          == .truncated(path: path, expected: expected, actual: length), "\(length) bytes")
    }
  }

  /// A truncated compressed file is an error, also inside its checksum.
  @Test func gzipTruncatedAtEveryByte() throws {
    let file = gzip(set.imagesFile)
    for length in 0..<file.count {
      switch try failure(Array(file.prefix(length))) {
      case .truncated, .corruptGzip: break
      case let other: Issue.record("\(length) of \(file.count) bytes: \(String(describing: other))")
      }
    }
    #expect(
      try failure(Array(file.dropLast())) == .corruptGzip(path: path, reason: "it ends before its checksum"))
  }

  @Test func trailingBytes() throws {
    let file = set.imagesFile
    let error = DatasetError.trailingBytes(path: path, expected: file.count)
    #expect(try failure(file + [0]) == error)
    #expect(try failure(gzip(file + [0])) == error)
    #expect(try failure(gzip(file + [UInt8](repeating: 0, count: 100_000))) == error)
  }

  @Test func dataAfterTheGzipMember() throws {
    let file = set.imagesFile
    for tail in [[0], gzip([]), gzip(file), [UInt8](repeating: 7, count: 70_000)] {
      #expect(try failure(gzip(file) + tail) == .trailingGzip(path: path), "\(tail.count) bytes after")
    }
  }

  @Test(arguments: [
    (0x801, "IDX labels"), (0x802, "0x00000802"), (0x803_0000, "0x08030000"), (0, "0x00000000"),
  ])
  func wrongMagic(magic: UInt32, text: String) throws {
    let error = try failure(idx(magic, [5, 3, 2], set.pixels))
    #expect(error == .wrongMagic(path: path, expected: 0x803, actual: magic))
    #expect("\(try #require(error))".contains(text))
  }

  @Test func webPageInsteadOfImages() throws {
    #expect("\(try #require(try failure(Array("<!DOCTYPE html>".utf8))))".contains("a web page?"))
  }

  @Test(arguments: [([0, 3, 2], "images"), ([5, 0, 2], "rows"), ([5, 3, 0], "columns")])
  func emptyAxis(sizes: [Int], axis: String) throws {
    #expect(try failure(idx(0x803, sizes, [])) == .emptyAxis(path: path, axis: axis))
  }

  @Test(arguments: [[1 << 31, 1, 1], [65_536, 32_768, 1], [4_294_967_295, 4_294_967_295, 4_294_967_295]])
  func tooLarge(sizes: [Int]) throws {
    #expect(try failure(idx(0x803, sizes, set.pixels)) == .tooLarge(path: path, sizes: sizes))
    #expect(try failure(gzip(idx(0x803, sizes, set.pixels))) == .tooLarge(path: path, sizes: sizes))
  }

  /// Two gigabytes in the header of a small file are refused before memory is allocated.
  @Test func declaredLengthBeyondTheFile() throws {
    let file = idx(0x803, [2_000_000_000, 1, 1], [1, 2, 3])
    #expect(try failure(file) == .truncated(path: path, expected: 2_000_000_016, actual: 19))
    let compressed = gzip(file)
    #expect(
      try failure(compressed)
        == .implausible(path: path, expected: 2_000_000_016, compressed: compressed.count))
  }

  /// 16 MB of zeros in 80 KB are not inflated beyond the 30 bytes that the header declares.
  @Test func gzipBomb() throws {
    let bomb = gzip(set.imagesFile + [UInt8](repeating: 0, count: 16 << 20))
    #expect(bomb.count < 200_000)
    #expect(try failure(bomb) == .trailingBytes(path: path, expected: set.imagesFile.count))
  }

  /// The last eight bytes are CRC-32 and length.
  @Test(arguments: 1...8)
  func corruptChecksum(fromEnd: Int) throws {
    var file = gzip(set.imagesFile)
    file[file.count - fromEnd] ^= 0x10
    let reason = fromEnd > 4 ? "incorrect data check" : "incorrect length check"
    #expect(try failure(file) == .corruptGzip(path: path, reason: reason))
  }

  /// A flipped bit may go undetected in the gzip header's unused fields, but not in the data.
  @Test func corruptData() throws {
    let file = gzip(set.imagesFile)
    for byte in 10..<file.count {
      var damaged = file
      damaged[byte] ^= 0x01
      #expect(try failure(damaged) != nil, "byte \(byte) of \(file.count)")
    }
  }

  @Test func emptyFile() throws {
    #expect(try failure([]) == .truncated(path: path, expected: 16, actual: 0))
    #expect(try failure(gzip([])) == .truncated(path: path, expected: 16, actual: 0))
  }

  @Test func foldersPipesAndMissingFiles() throws {
    #expect(throws: DatasetError.notAFile(path: folder.path)) { try IDXImages(path: folder.path) }
    let pipe = "\(folder.path)/pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    #expect(throws: DatasetError.notAFile(path: pipe)) { try IDXImages(path: pipe) }
    #expect(throws: DatasetError.unreadable(path: path, reason: "No such file or directory")) {
      try IDXImages(path: path)
    }
  }

  @Test func tensorOfARange() throws {
    let images = try IDXImages(path: folder.write(set.imagesFile, "images"))
    let tensor = try images.tensor(1..<3)
    #expect(tensor.shape == [2, 3, 2, 1])
    #expect(tensor.scalars == (6..<18).map { Float($0) / 255 })
    #expect(try images.tensor(2..<2).shape == [0, 3, 2, 1])
    for range in [4..<6, -1..<2, 7..<9] {
      #expect(throws: (any Error).self, "\(range)") { try images.tensor(range) }
    }
  }
}
