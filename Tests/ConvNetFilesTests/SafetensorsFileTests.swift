import ConvNetFiles
import Foundation
import Im2col
import TestSupport
import Testing

@Suite struct SafetensorsFileTests {
  @Test func encodingAndDecodingIsTheIdentity() throws {
    let file = try sampleFile()
    #expect(try SafetensorsFile(decoding: file.encoded()) == file)
    let empty = try SafetensorsFile([])
    #expect(try SafetensorsFile(decoding: empty.encoded()) == empty)
  }

  @Test func encodedBytes() throws {
    let file = try SafetensorsFile(
      [("b", Tensor(shape: [1, 2], scalars: [1, -2])), ("a", Tensor(shape: [], scalars: [0.5]))],
      metadata: ["y": "\"2\"", "x": "1\n"])
    let header =
      #"{"__metadata__":{"x":"1\u000a","y":"\"2\""},"#
      + #""b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"#
      + #""a":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}"#
    let padding = (8 - header.utf8.count % 8) % 8
    let length = UInt8(header.utf8.count + padding)
    let expected: [UInt8] =
      [length, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + Array(repeating: 0x20, count: padding)
      + [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F]
    #expect(try file.encoded() == expected)
  }

  @Test(arguments: 0..<9) func dataStartsAtAMultipleOfEight(nameLength: Int) throws {
    let name = String(repeating: "n", count: nameLength)
    let bytes = try SafetensorsFile([(name, Tensor(shape: [1], scalars: [1]))]).encoded()
    #expect((bytes.count - 4) % 8 == 0)
    #expect(bytes[8] == UInt8(ascii: "{"))
  }

  @Test func everyBitOfANumberIsKept() throws {
    let patterns: [UInt32] = [0x7FC0_1234, 0xFFC0_0001, 0x7F80_0000, 0x8000_0000, 0x0000_0001, 0x807F_FFFF]
    let scalars = patterns.map { Float(bitPattern: $0) }
    let file = try SafetensorsFile([("x", Tensor(shape: [6], scalars: scalars))])
    let decoded = try SafetensorsFile(decoding: file.encoded())
    #expect(decoded["x"]?.scalars.map(\.bitPattern) == patterns)
  }

  @Test func tensorsAreFoundByNameAndOrderedByData() throws {
    let file = try sampleFile()
    #expect(file["conv1.bias"]?.shape == [5])
    #expect(file["conv2.bias"] == nil)

    // Names may be in any order; the order of the data counts.
    let header =
      #"{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"#
      + #""a":{"data_offsets":[0,4],"shape":[1],"dtype":"F32"},"__metadata__":{}}"#
    let decoded = try SafetensorsFile(decoding: safetensors(header: Array(header.utf8), data: 8))
    #expect(decoded.entries.map(\.name) == ["a", "b"])
  }

  @Test func writingAndReading() throws {
    let folder = try TemporaryFolder()
    let file = try sampleFile()
    try file.write(to: folder.file("model.safetensors"))
    #expect(try SafetensorsFile(contentsOf: folder.file("model.safetensors")) == file)
    #expect(try folder.names == ["model.safetensors"])
  }

  // MARK: - Values that cannot be written

  @Test(
    arguments: [
      ("__metadata__", "is reserved for the metadata"),
      (String(repeating: "ä", count: 129), "has more than 256 UTF-8 bytes"),
      ("a\0b", "contains a NUL"),
    ])
  func invalidNames(name: String, reason: String) throws {
    let tensor = try Tensor(shape: [1], scalars: [1])
    #expect(throws: SafetensorsError.invalidName(name, reason: reason)) {
      try SafetensorsFile([(name, tensor)])
    }
  }

  @Test func limitsForWritingEqualThoseForReading() throws {
    let tensor = try Tensor(shape: [1], scalars: [1])
    let many = (0..<4096).map { ("\($0)", tensor) }
    #expect(try SafetensorsFile(decoding: SafetensorsFile(many).encoded()).entries.count == 4096)
    #expect(throws: SafetensorsError.tooManyTensors(limit: 4096)) {
      try SafetensorsFile(many + [("x", tensor)])
    }

    let deep = try Tensor(shape: [Int](repeating: 1, count: 8), scalars: [1])
    #expect(try SafetensorsFile(decoding: SafetensorsFile([("x", deep)]).encoded())["x"] == deep)
    let deeper = try Tensor(shape: [Int](repeating: 1, count: 9), scalars: [1])
    #expect(throws: SafetensorsError.tooManyAxes(tensor: "x", limit: 8)) {
      try SafetensorsFile([("x", deeper)])
    }

    #expect(throws: SafetensorsError.duplicateName("x")) {
      try SafetensorsFile([("x", tensor), ("x", deep)])
    }
    // Swift compares strings by canonical equivalence.
    #expect(throws: SafetensorsError.duplicateName("e\u{301}")) {
      try SafetensorsFile([("\u{E9}", tensor), ("e\u{301}", deep)])
    }

    let fitting = String(repeating: "x", count: 1 << 20 - 64)
    let file = try SafetensorsFile([], metadata: ["k": fitting])
    #expect(try SafetensorsFile(decoding: file.encoded()) == file)
    #expect(throws: SafetensorsError.headerTooLong(bytes: 1 << 20 + 32, limit: 1 << 20)) {
      try SafetensorsFile([], metadata: ["k": fitting + String(repeating: "x", count: 64)]).encoded()
    }
    #expect(throws: SafetensorsError.invalidName("k", reason: "has a value that contains a NUL")) {
      try SafetensorsFile([], metadata: ["k": "\0"]).encoded()
    }
  }

  // MARK: - Files that cannot be read

  @Test func errorsNameThePath() throws {
    let folder = try TemporaryFolder()
    let missing = folder.file("missing.safetensors")
    #expect(throws: SafetensorsError.access(.system(.open, path: missing, code: ENOENT))) {
      try SafetensorsFile(contentsOf: missing)
    }
    #expect(throws: SafetensorsError.access(.notRegular(path: folder.path))) {
      try SafetensorsFile(contentsOf: folder.path)
    }
    #expect(throws: SafetensorsError.access(.notRegular(path: "/dev/zero"))) {
      try SafetensorsFile(contentsOf: "/dev/zero")
    }
    let pipe = folder.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: SafetensorsError.access(.notRegular(path: pipe))) {
      try SafetensorsFile(contentsOf: pipe)
    }

    let text = folder.file("notes.txt")
    try AtomicFile.write(Array("these are no weights at all".utf8), to: text)
    let length = UInt64(littleEndian: 0x7261_2065_7365_6874)
    let error = SafetensorsError.inFile(path: text, .headerTooLong(bytes: length, limit: 1 << 20))
    #expect(throws: error) { try SafetensorsFile(contentsOf: text) }
    #expect(error.description.hasPrefix(text + ": the header has \(length) bytes"))
  }

  @Test func aSparseTerabyteIsRefusedBeforeItIsRead() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("sparse.safetensors")
    let bytes = 1 << 40
    let header = #"{"x":{"dtype":"F32","shape":[524288,524288],"data_offsets":[0,\#(bytes)]}}"#
    try AtomicFile.write(safetensors(header: Array(header.utf8), data: 0), to: path)
    try #require(truncate(path, off_t(8 + header.utf8.count + bytes)) == 0)
    #expect(throws: SafetensorsError.inFile(path: path, .tooMuchData(bytes: bytes, limit: 1 << 32))) {
      try SafetensorsFile(contentsOf: path)
    }
  }
}
