import ConvNet
import ConvNetFiles
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct CheckpointFolderTests {
  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  private func name(_ step: Int) -> String { String(format: "step-%08d.safetensors", step) }
  private func save(_ folder: CheckpointFolder, _ steps: Int..., keep: Int) throws {
    for step in steps { try folder.save(CheckpointSamples.checkpoint(step: step), keep: keep) }
  }
  private func damage(_ step: Int) throws {
    try Data("no".utf8).write(to: URL(fileURLWithPath: temporary.file(name(step))))
  }

  // MARK: - Retention

  @Test func theNewestAreKeptByNumberNotByName() throws {
    let folder = try CheckpointFolder(temporary.path)
    try save(folder, 8, 9, 10, 11, keep: 2)
    #expect(try folder.steps() == [11, 10])
    try save(folder, 12, keep: 0)
    #expect(try folder.steps() == [12])
    // As text, nine digits sort before eight.
    try FileManager.default.moveItem(
      atPath: temporary.file(name(12)), toPath: temporary.file("step-100000000.safetensors"))
    try save(folder, 13, keep: 5)
    #expect(try folder.steps() == [100_000_000, 13])
    #expect(try temporary.names == [".lock", name(13), "step-100000000.safetensors"])
  }

  @Test func theBestEpochIsKept() throws {
    let folder = try CheckpointFolder(temporary.path)
    let losses = [0.5, 0.2, 0.4, 0.3]
    for epochs in 1...4 {
      let progress = CheckpointSamples.progress(validation: Array(losses[..<epochs]), batch: 0)
      try folder.save(CheckpointSamples.checkpoint(step: 3 * epochs, progress: progress), keep: 1)
    }
    #expect(try folder.steps() == [12, 6])
  }

  @Test func otherFilesAreUnchanged() throws {
    let otherFiles = [
      "step-1.safetensors", "step-00000001.safetensors.bak", "model.safetensors", "step-.safetensors",
      "step-+0000001.safetensors", ".step-00000001.safetensors", "notes.tmp", ".step-x.tmp",
    ]
    for name in otherFiles { try temporary.write([], name) }
    try temporary.write([], ".step-00000002.safetensors.1f2e.tmp")
    let folder = try CheckpointFolder(temporary.path)
    #expect(try folder.steps() == [])
    try save(folder, 2, 3, keep: 1)
    #expect(try Set(temporary.names) == Set(otherFiles + [".lock", name(3)]))
  }

  // MARK: - Search

  @Test func damagedCheckpointsAreSkippedWithReasons() throws {
    let folder = try CheckpointFolder(temporary.path)
    #expect(try folder.newest().found == nil)
    try save(folder, 1, 2, 3, 4, keep: 9)
    try damage(4)
    try FileManager.default.removeItem(atPath: temporary.file(name(3)))
    try FileManager.default.createDirectory(
      atPath: temporary.file(name(3)), withIntermediateDirectories: false)
    let search = try folder.newest()
    #expect(search.found?.checkpoint.step == 2 && search.found?.path == temporary.file(name(2)))
    try #require(search.skipped.count == 2)
    #expect(search.skipped[0].description.contains("\(name(4)): 2 bytes are too few"))
    #expect(search.skipped[1] == .file(.notRegular(path: temporary.file(name(3)))))
  }

  /// With one checkpoint to keep, a damaged newest one must not replace the valid one before it.
  @Test func damagedCheckpointsDoNotCount() throws {
    let folder = try CheckpointFolder(temporary.path)
    try save(folder, 5, 9, keep: 2)
    try damage(9)
    _ = try folder.newest()
    try save(folder, 6, keep: 1)
    #expect(try folder.steps() == [9, 6])
    try save(folder, 10, keep: 2)
    #expect(try folder.steps() == [10, 9, 6])
    #expect(try folder.newest().found?.checkpoint.step == 10)
  }

  @Test func onlyDamagedCheckpointsAreAnErrorWithAllReasons() throws {
    let folder = try CheckpointFolder(temporary.path)
    try save(folder, 1, 2, keep: 2)
    for step in [1, 2] { try damage(step) }
    let error = #expect(throws: CheckpointError.self) { try folder.newest() }
    let text = try #require(error).description
    #expect(text.contains(name(1)) && text.contains(name(2)) && text.contains("remove them to start"))
  }

  @Test func aRenamedFileIsRefused() throws {
    let folder = try CheckpointFolder(temporary.path)
    try save(folder, 1, keep: 1)
    try FileManager.default.copyItem(atPath: temporary.file(name(1)), toPath: temporary.file(name(7)))
    let search = try folder.newest()
    #expect(search.found?.checkpoint.step == 1)
    #expect(search.skipped == [.inFile(path: temporary.file(name(7)), .misnamed(step: 1))])
  }

  @Test func aModelFileIsRefused() throws {
    let folder = try CheckpointFolder(temporary.path)
    try ModelFile(CheckpointSamples.model()).write(to: temporary.file(name(0)))
    let error = #expect(throws: CheckpointError.self) { try folder.newest() }
    #expect(
      error
        == .noneUsable(
          folder: temporary.path, [.inFile(path: temporary.file(name(0)), .notACheckpoint)]))
  }

  // MARK: - Disk errors

  @Test(arguments: [ENOSPC, EIO, EROFS]) func aFailedWriteChangesNothing(code: Int32) throws {
    let folder = try CheckpointFolder(temporary.path)
    try save(folder, 1, keep: 1)
    let before = try contents(temporary.file(name(1)))
    let fail: @Sendable () -> Int = {
      errno = code
      return -1
    }
    var failing: [FileCalls] = .init(repeating: FileCalls(), count: 5)
    failing[0].write = { _, _, _ in fail() }
    failing[1].sync = { _ in Int32(fail()) }
    failing[2].read = { _, _, _ in fail() }
    failing[3].rename = { _, _, _ in Int32(fail()) }
    failing[4].openAt = { _, _, _, _ in Int32(fail()) }
    for (index, calls) in failing.enumerated() {
      let error = #expect(throws: CheckpointError.self) {
        try folder.save(CheckpointSamples.checkpoint(step: 2), keep: 1, calls: calls)
      }
      #expect(try #require(error).description.contains("errno \(code)"), "call \(index)")
      #expect(try temporary.names == [".lock", name(1)], "call \(index)")
      #expect(try contents(temporary.file(name(1))) == before)
    }
    #expect(try folder.newest().found?.checkpoint.step == 1)
  }

  /// A process that ends at any call of a save leaves the old checkpoint or the new one.
  @Test func aValidCheckpointExistsAtEveryCallOfASave() throws {
    let folder = try CheckpointFolder(temporary.path)
    try save(folder, 1, keep: 1)
    let seen = Mutex<[Int]>([])
    let path = temporary.path
    let look: @Sendable () -> Void = {
      // As a new process would, except for the lock.
      let copy = path + "-copy"
      try? FileManager.default.copyItem(atPath: path, toPath: copy)
      let step = (try? CheckpointFolder(copy).newest())?.found?.checkpoint.step
      try? FileManager.default.removeItem(atPath: copy)
      seen.withLock { $0.append(step ?? -1) }
    }
    let system = FileCalls()
    var calls = system
    calls.openAt = {
      look(); return system.openAt($0, $1, $2, $3)
    }
    calls.write = {
      look(); return system.write($0, $1, min($2, 1000))
    }
    calls.sync = {
      look(); return system.sync($0)
    }
    calls.close = {
      look(); return system.close($0)
    }
    calls.read = {
      look(); return system.read($0, $1, $2)
    }
    calls.rename = {
      look(); return system.rename($0, $1, $2)
    }
    calls.syncFolder = {
      look(); return system.syncFolder($0)
    }
    _ = try folder.save(CheckpointSamples.checkpoint(step: 2), keep: 1, calls: calls)
    look()
    let steps = seen.withLock { $0 }
    #expect(steps.count > 10 && steps == steps.sorted() && Set(steps) == [1, 2], "\(steps)")
  }

  @Test(arguments: [ENOSYS, ENOLCK, EOPNOTSUPP]) func aFolderWithoutLocksIsAWarning(code: Int32) throws {
    let warnings = Mutex<[FileError]>([])
    var calls = FileCalls()
    calls.lock = { _ in
      errno = code
      return -1
    }
    calls.warn = { warning in warnings.withLock { $0.append(warning) } }
    let folder = try CheckpointFolder(temporary.path, calls: calls)
    try save(folder, 1, keep: 1)
    #expect(warnings.withLock { $0 } == [.system(.lock, path: temporary.file(".lock"), code: code)])
  }

  /// A name that may not survive a loss of power replaces no older checkpoint.
  @Test(arguments: [(EIO, [1, 2]), (EINVAL, [2])]) func aFolderThatCannotBeSynced(code: Int32, left: [Int])
    throws
  {
    let folder = try CheckpointFolder(temporary.path)
    try save(folder, 1, keep: 1)
    var calls = FileCalls()
    calls.syncFolder = { _ in
      errno = code
      return -1
    }
    _ = try folder.save(CheckpointSamples.checkpoint(step: 2), keep: 1, calls: calls)
    #expect(try folder.steps().sorted() == left)
  }

  /// Nothing outside the folder is written through a link in it.
  @Test(arguments: [true, false]) func linksInTheFolderAreRefused(isSymbolic: Bool) throws {
    let mine = temporary.file("mine.txt")
    let (text, folder) = (Data("my notes\n".utf8), temporary.file("run"))
    try text.write(to: URL(fileURLWithPath: mine))
    func makeLink(_ name: String) {
      let path = "\(folder)/\(name)"
      #expect((isSymbolic ? symlink(mine, path) : link(mine, path)) == 0)
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    makeLink(".lock")
    #expect(throws: CheckpointError.file(.linked(path: folder + "/.lock"))) { try CheckpointFolder(folder) }
    unlink(folder + "/.lock")
    makeLink(name(1))
    let checkpoints = try CheckpointFolder(folder)
    #expect(
      throws: CheckpointError.noneUsable(folder: folder, [.file(.linked(path: "\(folder)/\(name(1))"))])
    ) { try checkpoints.newest() }
    try save(checkpoints, 1, keep: 1)
    #expect(try checkpoints.newest().found?.checkpoint.step == 1)
    #expect(try Data(contentsOf: URL(fileURLWithPath: mine)) == text)
  }

  @Test func anImpossibleFolderIsRefused() throws {
    let file = temporary.file("file")
    try Data().write(to: URL(fileURLWithPath: file))
    for (path, code) in [
      (temporary.file("no/such"), ENOENT), ("", ENOENT), ("a\0b", EINVAL), (file + "/x", ENOTDIR),
    ] {
      #expect(throws: CheckpointError.file(.system(.createFolder, path: path, code: code))) {
        try CheckpointFolder(path)
      }
    }
    #expect(throws: CheckpointError.self) { try CheckpointFolder(file) }
  }

  // MARK: - One training per folder

  @Test func aSecondTrainingIsRefusedUntilTheFirstEnds() throws {
    var first: CheckpointFolder? = try CheckpointFolder(temporary.path)
    let process = Int(ProcessInfo.processInfo.processIdentifier)
    #expect(throws: CheckpointError.locked(folder: temporary.path + "/", process: process)) {
      try CheckpointFolder(temporary.path + "/")
    }
    try save(try #require(first), 1, keep: 1)
    first = nil
    #expect(try CheckpointFolder(temporary.path).steps() == [1])
  }

  @Test func aReplacedFolderIsRefused() throws {
    let folder = try CheckpointFolder(temporary.path)
    try FileManager.default.removeItem(atPath: temporary.path)
    #expect(throws: CheckpointError.folderReplaced(temporary.path)) { try save(folder, 1, keep: 1) }
    let other = try CheckpointFolder(temporary.path)
    #expect(throws: CheckpointError.folderReplaced(temporary.path)) { try save(folder, 1, keep: 1) }
    #expect(try other.steps() == [])
  }
}
