import ConvNetFiles
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct RowFileTests {
  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test func appendedRowsAreReadableImmediately() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("log.csv")
    let file = try RowFile(path: path, header: "a,b")
    #expect(try text(path) == "a,b\n")
    try file.append("1,2")
    #expect(try text(path) == "a,b\n1,2\n")
    try file.append("3,4")
    #expect(try text(path) == "a,b\n1,2\n3,4\n")
  }

  @Test func existingRowsStayAndTheHeaderIsWrittenOnce() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("log.csv")
    try RowFile(path: path, header: "a,b").append("1,2")
    try RowFile(path: path, header: "a,b").append("3,4")
    #expect(try text(path) == "a,b\n1,2\n3,4\n")
    // A header with an editor's line ending is the same header.
    try Data("a,b\r\n1,2\r\n".utf8).write(to: URL(fileURLWithPath: path))
    try RowFile(path: path, header: "a,b").append("3,4")
    #expect(try text(path) == "a,b\r\n1,2\r\n3,4\n")
  }

  @Test func aTruncatedRowStaysSeparate() throws {
    let folder = try TemporaryFolder()
    for (start, header) in [("a,b\n1,", "a,b"), (#"{"a":1"#, nil)] {
      let path = folder.file("log")
      try Data(start.utf8).write(to: URL(fileURLWithPath: path))
      try RowFile(path: path, header: header).append("3,4")
      #expect(try text(path) == start + "\n3,4\n")
    }
  }

  @Test func aFileSystemWithoutSyncIsAWarning() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("log.csv")
    for (code, isWarning) in [(EINVAL, true), (ENOSYS, true), (EOPNOTSUPP, true), (EIO, false)] {
      let warnings = Mutex<[FileError]>([])
      let error = FileError.system(.sync, path: path, code: code)
      var calls = FileCalls()
      calls.sync = { _ in
        errno = code
        return -1
      }
      calls.warn = { warning in warnings.withLock { $0.append(warning) } }
      let file = try RowFile(path: path, calls: calls)
      if isWarning {
        try file.append("1")
        #expect(warnings.withLock { $0 } == [error])
      } else {
        #expect(throws: error) { try file.append("1") }
      }
    }
  }

  @Test func otherFilesAreUnchanged() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("letters.csv")
    for start in ["a,b,c\n", "a", "x", "a,bc\n"] {
      try Data(start.utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: RowFileError.header(path: path, expected: "a,b")) {
        try RowFile(path: path, header: "a,b")
      }
      #expect(try text(path) == start)
    }
  }

  @Test func impossiblePaths() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(fileURLWithPath: folder.file("file")))
    for (path, error) in [
      (folder.path, FileError.system(.open, path: folder.path, code: EISDIR)),
      ("/dev/full", .notRegular(path: "/dev/full")),
      (folder.file("no/log"), .system(.create, path: folder.file("no/log"), code: ENOENT)),
      (folder.file("file/log"), .system(.create, path: folder.file("file/log"), code: ENOTDIR)),
      ("a\0b", .system(.open, path: "a\0b", code: EINVAL)),
    ] {
      #expect(throws: RowFileError.file(error)) { try RowFile(path: path, header: "a") }
    }
    #expect(try folder.names == ["file"])
  }

  /// Opening a named pipe without a reader would block.
  @Test func aPipeIsRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("pipe.csv")
    #expect(mkfifo(path, 0o600) == 0)
    #expect(throws: RowFileError.file(.notRegular(path: path))) { try RowFile(path: path, header: "a") }
  }
}
