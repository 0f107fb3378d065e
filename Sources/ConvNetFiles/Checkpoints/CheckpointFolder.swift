import Glibc
import Synchronization

/// A folder of checkpoints, locked for one training run at a time.
///
///     .lock                        locked during the lifetime of the value; see FolderLock
///     step-00001563.safetensors    after 1,563 updates
///     step-00003126.safetensors
///
/// A checkpoint is written atomically (``AtomicFile``), and older ones are removed only afterwards, so the
/// last saved checkpoint is complete at any time.
public final class CheckpointFolder {
  /// The path, as given to the initializer.
  public let path: String

  private let lock: FolderLock
  private let calls: FileCalls
  /// Steps whose files did not verify: they do not count as checkpoints, and are kept for inspection.
  private var unusable: Set<Int> = []

  /// Creates the folder if it does not exist (but not its parents), locks it, and removes the temporary files
  /// of killed processes.
  ///
  /// - Throws: `CheckpointError.locked` when another training run uses it, `.file` when it cannot be created
  ///   or locked.
  public convenience init(_ path: String) throws(CheckpointError) { try self.init(path, calls: FileCalls()) }

  package init(_ path: String, calls: FileCalls) throws(CheckpointError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw .file(.system(.createFolder, path: path, code: path.isEmpty ? ENOENT : EINVAL))
    }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .file(.system(.createFolder, path: path, code: errno))
    }
    self.path = path
    self.calls = calls
    lock = try FolderLock(folder: path, calls: calls)
    // Without a lock, the files may be those of a process that runs.
    for name in try names() where lock.isHeld && CheckpointName.isTemporary(name) {
      unlink(CheckpointName.path(name, in: path))
    }
  }

  /// The steps with a file, the newest first.
  ///
  /// - Throws: `CheckpointError.file` when the folder cannot be read.
  public func steps() throws(CheckpointError) -> [Int] {
    try names().compactMap(CheckpointName.step).sorted(by: >)
  }

  /// The path of a step's file.
  public func path(step: Int) -> String { CheckpointName.path(CheckpointName.name(step: step), in: path) }

  // MARK: - Reading

  /// The result of a search.
  public struct Search: Sendable {
    /// The newest checkpoint that verifies and its path; nil in a folder without checkpoints.
    public let found: (path: String, checkpoint: Checkpoint)?
    /// Why newer files were skipped, the newest first, with their paths.
    public let skipped: [CheckpointError]
  }

  /// Reads checkpoints, the newest first, until one verifies.
  ///
  /// - Throws: `CheckpointError.noneUsable` with all reasons when no checkpoint of several verifies, `.file`
  ///   when the folder cannot be read.
  public func newest() throws(CheckpointError) -> Search {
    var skipped: [CheckpointError] = []
    for step in try steps() {
      let path = path(step: step)
      do throws(CheckpointError) {
        let checkpoint = try CheckpointFile.checkpoint(contentsOf: path)
        guard checkpoint.step == step else { throw .inFile(path: path, .misnamed(step: checkpoint.step)) }
        return Search(found: (path, checkpoint), skipped: skipped)
      } catch {
        skipped.append(error)
        unusable.insert(step)
      }
    }
    guard skipped.isEmpty else { throw .noneUsable(folder: path, skipped) }
    return Search(found: nil, skipped: [])
  }

  // MARK: - Writing

  /// Saves a checkpoint and then removes older ones.
  ///
  /// - Parameters:
  ///   - checkpoint: the checkpoint, which replaces a file of the same step.
  ///   - keep: the number of newest checkpoints to keep, at least 1. The one after the epoch with
  ///     the lowest loss is kept too.
  /// - Returns: the file's path.
  /// - Throws: `CheckpointError`. Existing checkpoints are then unchanged.
  @discardableResult
  public func save(_ checkpoint: Checkpoint, keep: Int) throws(CheckpointError) -> String {
    try save(checkpoint, keep: keep, calls: calls)
  }

  package func save(
    _ checkpoint: Checkpoint, keep: Int, calls: FileCalls
  ) throws(CheckpointError) -> String {
    try lock.requireHeld()
    let bytes = try CheckpointFile.encoded(checkpoint)
    let path = path(step: checkpoint.step)
    let isDurable = Mutex(true)
    var noticing = calls
    noticing.warn = { warning in
      if case .system(.syncFolder, _, let code) = warning, !FileCalls.meansUnsupported(code) {
        isDurable.withLock { $0 = false }
      }
      calls.warn(warning)
    }
    do throws(FileError) {
      try AtomicFile.write(bytes, to: path, calls: noticing, followsLinks: false)
    } catch {
      // If the folder disappeared meanwhile, report that instead of the call that failed.
      try lock.requireHeld()
      throw .file(error)
    }
    unusable.remove(checkpoint.step)
    // If the new name may not survive a loss of power, the older files must.
    if isDurable.withLock({ $0 }) { removeOlder(than: checkpoint, keep: keep) }
    return path
  }

  /// Failure to remove a file is not an error, because it costs only disk space.
  private func removeOlder(than checkpoint: Checkpoint, keep: Int) {
    guard let steps = try? steps() else { return }
    // Files with a higher step belong to an abandoned training run; leave them.
    let own = steps.filter { $0 <= checkpoint.step && !unusable.contains($0) }
    let lowestLoss = checkpoint.progress.lowestLossEpoch.map {
      checkpoint.progress.completed[$0].updates
    }
    for step in own.dropFirst(max(keep, 1)) where step != lowestLoss { unlink(path(step: step)) }
  }

  private func names() throws(CheckpointError) -> [String] {
    guard let directory = opendir(path) else { throw .file(.system(.list, path: path, code: errno)) }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(directory) else {
        guard errno == 0 else { throw .file(.system(.list, path: path, code: errno)) }
        return names
      }
      // By offset: copying d_name's whole array would read beyond the end of a shorter entry.
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
      names.append(String(cString: name))
    }
  }
}
