import Glibc

/// A folder of checkpoints that belongs to one training at a time.
///
///     .lock                        held while the value lives; see FolderLock
///     step-00001563.safetensors    after 1,563 updates
///     step-00003126.safetensors
///
/// A checkpoint is written beside its name, forced to the disk, read back, and renamed (`AtomicFile`);
/// older ones are removed only after that. So at every moment, the last one that was saved is there and whole.
public final class CheckpointFolder {
  /// As it was given.
  public let path: String

  private let lock: FolderLock
  /// Steps whose files did not verify: they count as no checkpoint, and stay for whoever wants to look.
  private var unusable: Set<Int> = []

  /// Creates the folder where there is none (but not the folders above it), keeps others out, and removes
  /// what a killed process has left half-written.
  ///
  /// - Throws: `CheckpointError.locked` when another training has it, `.file` when it cannot be made or locked.
  public init(_ path: String) throws(CheckpointError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw .file(.system(.createFolder, path: path, code: path.isEmpty ? ENOENT : EINVAL))
    }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .file(.system(.createFolder, path: path, code: errno))
    }
    self.path = path
    lock = try FolderLock(folder: path)
    for name in try names() where CheckpointName.isLeftover(name) {
      unlink(CheckpointName.path(name, in: path))
    }
  }

  /// The steps that there are files for, the newest first.
  ///
  /// - Throws: `CheckpointError.file` when the folder cannot be read.
  public func steps() throws(CheckpointError) -> [Int] {
    try names().compactMap(CheckpointName.step).sorted(by: >)
  }

  /// The file for a step.
  public func path(step: Int) -> String { CheckpointName.path(CheckpointName.name(step: step), in: path) }

  // MARK: - Reading

  /// What a search has found.
  public struct Search: Sendable {
    /// The newest checkpoint that verifies, and its file; nil in a folder without any.
    public let found: (path: String, checkpoint: Checkpoint)?
    /// Why newer ones were passed over, the newest first; each names its file.
    public let skipped: [CheckpointError]
  }

  /// Reads checkpoints, the newest first, until one verifies to the last bit.
  ///
  /// - Throws: `CheckpointError.noneUsable` with all reasons where there are some but none verifies;
  ///   `.file` when the folder cannot be read.
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
  ///   - checkpoint: what to save; replaces a file of the same step.
  ///   - keep: how many of the newest stay, at least 1. The one behind the best epoch stays, too.
  /// - Returns: the file's path.
  /// - Throws: `CheckpointError`; the checkpoints that were there are untouched then.
  @discardableResult
  public func save(_ checkpoint: Checkpoint, keep: Int) throws(CheckpointError) -> String {
    try save(checkpoint, keep: keep, calls: FileCalls())
  }

  package func save(
    _ checkpoint: Checkpoint, keep: Int, calls: FileCalls
  ) throws(CheckpointError) -> String {
    try lock.requireHeld()
    let bytes = try CheckpointFile.encoded(checkpoint)
    let path = path(step: checkpoint.step)
    do throws(FileError) {
      try AtomicFile.write(bytes, to: path, calls: calls)
    } catch {
      // A folder that went away in the middle of it is worth saying, rather than which call noticed.
      try lock.requireHeld()
      throw .file(error)
    }
    unusable.remove(checkpoint.step)
    removeOlder(than: checkpoint, keep: keep)
    return path
  }

  /// A file that cannot be removed costs room and nothing else, so that is no error.
  private func removeOlder(than checkpoint: Checkpoint, keep: Int) {
    guard let steps = try? steps() else { return }
    // Newer files are not from this course of the training: it has passed them over, or will replace them.
    let mine = steps.filter { $0 <= checkpoint.step && !unusable.contains($0) }
    let best = checkpoint.progress.bestEpoch.map { checkpoint.progress.finished[$0].updates }
    for step in mine.dropFirst(max(keep, 1)) where step != best { unlink(path(step: step)) }
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
      // By its place: a copy of the whole array would read beyond an entry that is shorter.
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
      names.append(String(cString: name))
    }
  }
}
