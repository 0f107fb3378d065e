import ConvNetFiles
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  private let old: [UInt8] = Array("the old file".utf8)
  private var new: [UInt8] { Self.new }
  /// Longer than a compared block, and not a multiple of it.
  private static let new: [UInt8] = (0..<300_007).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  @Test func writingCreatesAndReplacesOneFile() throws {
    let folder = try TemporaryFolder()
    for bytes in [old, new, []] {
      try AtomicFile.write(bytes, to: folder.file("model"))
      #expect(try contents(folder.file("model")) == bytes)
      #expect(try folder.names == ["model"])
    }
  }

  @Test func permissionsComeFromTheUmaskOrTheOldFile() throws {
    let folder = try TemporaryFolder()
    func mode(_ path: String) throws -> Int {
      try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }
    // The permissions that any other program would give.
    let plain = folder.file("plain")
    let descriptor = open(plain, O_CREAT | O_WRONLY, 0o666)
    close(descriptor)
    try AtomicFile.write(new, to: folder.file("model"))
    #expect(try mode(folder.file("model")) == mode(plain))

    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder.file("model"))
    try AtomicFile.write(old, to: folder.file("model"))
    #expect(try mode(folder.file("model")) == 0o640)
  }

  @Test func linksAreFollowedAndKept() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(old, to: folder.file("target"))
    try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: "target")
    try AtomicFile.write(new, to: folder.file("link"))
    #expect(try contents(folder.file("target")) == new)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link")) == "target")
  }

  /// Links to a file that does not exist yet, directly and through another link.
  @Test func danglingLinksAreFollowedAndKept() throws {
    let folder = try TemporaryFolder()
    let manager = FileManager.default
    try manager.createDirectory(atPath: folder.file("deep"), withIntermediateDirectories: false)
    try manager.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: "deep/next")
    try manager.createSymbolicLink(atPath: folder.file("deep/next"), withDestinationPath: "../target")
    try AtomicFile.requireWritable(folder.file("link"))
    try AtomicFile.write(new, to: folder.file("link"))
    #expect(try folder.names == ["deep", "link", "target"])
    #expect(try contents(folder.file("target")) == new)
    #expect(try manager.destinationOfSymbolicLink(atPath: folder.file("link")) == "deep/next")
    #expect(try manager.destinationOfSymbolicLink(atPath: folder.file("deep/next")) == "../target")

    let lost = folder.file("lost")
    try manager.createSymbolicLink(atPath: lost, withDestinationPath: "no such folder/target")
    #expect(throws: FileError.system(.openFolder, path: lost, code: ENOENT)) {
      try AtomicFile.write(new, to: lost)
    }
  }

  @Test func namesUpToTheLimitOfTheFileSystem() throws {
    let folder = try TemporaryFolder()
    let longest = String(repeating: "n", count: 255)
    try AtomicFile.write(old, to: folder.file(longest))
    #expect(try folder.names == [longest])
    #expect(throws: FileError.system(.create, path: folder.file(longest + "n"), code: ENAMETOOLONG)) {
      try AtomicFile.write(old, to: folder.file(longest + "n"))
    }
  }

  @Test func unwritableTargets() throws {
    let folder = try TemporaryFolder()
    func error(_ path: String) -> FileError? {
      #expect(throws: FileError.self) { try AtomicFile.write(old, to: path) }
    }
    #expect(error(folder.path) == .notRegular(path: folder.path))
    #expect(error("/dev/null") == .notRegular(path: "/dev/null"))
    #expect(error("") == .system(.create, path: "", code: ENOENT))
    #expect(error("a\0b") == .system(.create, path: "a\0b", code: EINVAL))
    let inside = folder.file("no such folder/model")
    #expect(error(inside) == .system(.openFolder, path: inside, code: ENOENT))
    #expect(error(folder.file("model/")) == .system(.create, path: folder.file("model/"), code: EISDIR))
    #expect(try folder.names == [])
  }

  @Test func messagesEscapeControlCharactersAndAdviseForTheStep() {
    let read = FileError.system(.open, path: "a\u{1B}[2J\nö", code: ENOENT).description
    #expect(read.contains(#"open a\u{1B}[2J\u{A}ö: "#) && !read.contains("folder"), "\(read)")
    let write = FileError.system(.openFolder, path: "a/b", code: ENOENT).description
    #expect(write.hasSuffix("; create the folder first"), "\(write)")
  }

  // MARK: - Failing system calls

  /// Calls of which one step fails.
  private func failing(_ step: FileError.Step, with code: Int32) -> FileCalls {
    var calls = FileCalls()
    let fail: @Sendable () -> Int32 = {
      errno = code
      return -1
    }
    switch step {
    case .create: calls.openAt = { _, _, _, _ in fail() }
    case .readBack: calls.read = { _, _, _ in Int(fail()) }
    case .setMode: calls.changeMode = { _, _ in fail() }
    case .write: calls.write = { _, _, _ in Int(fail()) }
    case .sync: calls.sync = { _ in fail() }
    case .close:
      calls.close = {
        close($0)
        return fail()
      }
    case .rename: calls.rename = { _, _, _ in fail() }
    case .syncFolder: calls.syncFolder = { _ in fail() }
    case .open, .read, .openFolder, .createFolder, .list, .lock: break
    }
    return calls
  }

  @Test(
    arguments: [
      (.create, EMFILE), (.write, ENOSPC), (.sync, EIO), (.close, EIO), (.readBack, EIO),
      (.rename, EROFS),
    ] as [(FileError.Step, Int32)])
  func failuresLeaveTheOldFileUnchanged(step: FileError.Step, code: Int32) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("model")
    try AtomicFile.write(old, to: path)
    let error = FileError.system(step, path: path, code: code)
    #expect(throws: error) { try AtomicFile.write(new, to: path, calls: failing(step, with: code)) }
    #expect(try contents(path) == old)
    #expect(try folder.names == ["model"])
    for part in [path, String(cString: strerror(code)), "errno \(code)"] {
      #expect(error.description.contains(part), "\(error)")
    }
    #expect(!error.description.contains("check the path and the file system"), "no remedy: \(error)")
  }

  /// FUSE, CIFS, SMB and WSL drives refuse these calls; the bytes are in place all the same.
  @Test(
    arguments: [
      (.setMode, EPERM), (.setMode, ENOTSUP), (.syncFolder, EIO), (.syncFolder, EINVAL), (.syncFolder, EBADF),
      (.syncFolder, ENOTSUP), (.sync, EINVAL), (.sync, ENOSYS), (.sync, EOPNOTSUPP),
    ] as [(FileError.Step, Int32)])
  func aRefusalThatHarmsNothingIsAWarning(step: FileError.Step, code: Int32) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("model")
    try AtomicFile.write(old, to: path)
    let warnings = Mutex<[FileError]>([])
    var calls = failing(step, with: code)
    calls.warn = { warning in warnings.withLock { $0.append(warning) } }
    try AtomicFile.write(new, to: path, calls: calls)
    #expect(try contents(path) == new)
    #expect(try folder.names == ["model"])
    #expect(warnings.withLock { $0 } == [.system(step, path: path, code: code)])
  }

  @Test func aNewFileIsNeverMorePermissiveThanTheOldOne() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("model")
    try AtomicFile.write(old, to: path)
    #expect(chmod(path, 0o600) == 0)
    try AtomicFile.write(new, to: path, calls: failing(.setMode, with: EPERM))
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test func aLinkIsReplacedWhereItIsNotFollowed() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(old, to: folder.file("target"))
    #expect(symlink("target", folder.file("link")) == 0)
    #expect(link(folder.file("target"), folder.file("second name")) == 0)
    for name in ["link", "second name"] {
      try AtomicFile.write(new, to: folder.file(name), calls: FileCalls(), followsLinks: false)
      #expect(try contents(folder.file(name)) == new)
    }
    #expect(try contents(folder.file("target")) == old)
  }

  @Test(arguments: [EIO, ENOSPC, EDQUOT, EBADF]) func aFailedSyncIsAnError(code: Int32) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("model")
    let attempts = Mutex(0)
    var calls = FileCalls()
    calls.sync = { _ in
      attempts.withLock { $0 += 1 }
      errno = code
      return -1
    }
    #expect(throws: FileError.system(.sync, path: path, code: code)) {
      try AtomicFile.write(new, to: path, calls: calls)
    }
    #expect(attempts.withLock { $0 } == (code == EBADF ? 1 : 3))
    #expect(try folder.names == [])
  }

  @Test func aFailedSyncIsRetriedTwiceWithNewFiles() throws {
    let folder = try TemporaryFolder()
    let created = Mutex<[String]>([])
    var calls = FileCalls()
    calls.openAt = { folder, name, flags, mode in
      if flags & O_CREAT != 0 { created.withLock { $0.append(name) } }
      return openat(folder, name, flags, mode)
    }
    calls.sync = { descriptor in
      if created.withLock({ $0.count }) == 3 { return fsync(descriptor) }
      errno = EIO
      return -1
    }
    try AtomicFile.write(new, to: folder.file("model"), calls: calls)
    #expect(Set(created.withLock { $0 }).count == 3)
    #expect(try contents(folder.file("model")) == new)
    #expect(try folder.names == ["model"])
  }

  @Test func interruptedAndShortCallsContinue() throws {
    let folder = try TemporaryFolder()
    let count = Mutex(0)
    let isInterrupted: @Sendable () -> Bool = {
      let isOdd = count.withLock { count in
        count += 1
        return count % 2 == 1
      }
      if isOdd { errno = EINTR }
      return isOdd
    }
    var calls = FileCalls()
    calls.write = { isInterrupted() ? -1 : write($0, $1, min($2, 16_381)) }
    calls.read = { isInterrupted() ? -1 : read($0, $1, min($2, 8191)) }
    try AtomicFile.write(new, to: folder.file("model"), calls: calls)
    #expect(try contents(folder.file("model")) == new)
    #expect(count.withLock { $0 } > 50)
  }

  @Test(arguments: [0, 1, 262_143, 262_144, 300_006]) func damageOnDiskIsDetected(offset: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("model")
    try AtomicFile.write(old, to: path)
    var calls = FileCalls()
    let damage = new[offset] ^ 4
    calls.sync = { descriptor in
      var byte = damage
      pwrite(descriptor, &byte, 1, off_t(offset))
      return fsync(descriptor)
    }
    #expect(throws: FileError.verification(path: path, offset: offset)) {
      try AtomicFile.write(new, to: path, calls: calls)
    }
    #expect(try contents(path) == old)
    #expect(try folder.names == ["model"])
  }

  @Test(arguments: [-1, 1]) func wrongLengthIsDetected(difference: Int) throws {
    let folder = try TemporaryFolder()
    var calls = FileCalls()
    let count = new.count
    calls.sync = { ftruncate($0, off_t(count + difference)) }
    let path = folder.file("model")
    #expect(throws: FileError.verification(path: path, offset: min(count, count + difference))) {
      try AtomicFile.write(new, to: path, calls: calls)
    }
    #expect(try folder.names == [])
  }

  // MARK: - Order

  @Test func theOrderOfStepsSurvivesALossOfPower() throws {
    let folder = try TemporaryFolder()
    let steps = Mutex<[String]>([])
    let note: @Sendable (String) -> Void = { step in steps.withLock { $0.append(step) } }
    let system = FileCalls()
    var calls = system
    calls.openAt = {
      note($2 & O_CREAT != 0 ? "create" : "open"); return system.openAt($0, $1, $2, $3)
    }
    calls.write = {
      note("write"); return system.write($0, $1, $2)
    }
    calls.sync = {
      note("sync"); return system.sync($0)
    }
    calls.close = {
      note("close"); return system.close($0)
    }
    calls.read = {
      note("read"); return system.read($0, $1, $2)
    }
    calls.rename = {
      note("rename"); return system.rename($0, $1, $2)
    }
    calls.syncFolder = {
      note("sync folder"); return system.syncFolder($0)
    }
    try AtomicFile.write(old, to: folder.file("model"), calls: calls)
    #expect(
      steps.withLock { $0 } == [
        "create", "write", "sync", "close", "open", "read", "read", "close", "rename", "sync folder",
      ])
  }
}
