import ConvNet
import Crypto
import Glibc
import Im2col

/// A checkpoint as bytes: a safetensors file with a digest over the whole file.
///
///     conv1.kernel ... dense3.bias        the model's parameters, as in a model file
///     optimizer.first, optimizer.second   [parameters], in the model's order, if the optimizer has them
///     best.parameters                     [parameters], in the model's order, if early stopping needs them
///     metadata                            see CheckpointKey
///
/// Python reads it with `safetensors.numpy.load_file(path)`.
enum CheckpointFile {
  private static let firstMoment = "optimizer.first"
  private static let secondMoment = "optimizer.second"
  private static let best = "best.parameters"
  private static let zeros = String(repeating: "0", count: 64)

  // MARK: - Writing

  /// Encodes a checkpoint; equal checkpoints give equal bytes.
  static func encoded(_ checkpoint: Checkpoint) throws(CheckpointError) -> [UInt8] {
    let file: SafetensorsFile
    do throws(ModelFileError) {
      file = try checkpoint.model.safetensors()
    } catch {
      throw .model(error)
    }
    var tensors = file.entries.map { ($0.name, $0.tensor) }
    let state = checkpoint.optimizerState
    for (name, numbers) in [
      (firstMoment, state.firstMoment), (secondMoment, state.secondMoment),
      (best, checkpoint.bestParameters ?? []),
    ] where !numbers.isEmpty {
      tensors.append((name, Tensor(validated: [numbers.count], scalars: numbers)))
    }
    var metadata = file.metadata
    metadata[CheckpointKey.format.rawValue] = String(CheckpointKey.currentFormat)
    try CheckpointKey.seed.encode(checkpoint.seed, into: &metadata)
    try CheckpointKey.optimizer.encode(checkpoint.optimizer, into: &metadata)
    try CheckpointKey.updates.encode(state.updates, into: &metadata)
    try CheckpointKey.progress.encode(checkpoint.progress, into: &metadata)
    try CheckpointKey.settings.encode(checkpoint.settings, into: &metadata)
    try CheckpointKey.fingerprint.encode(checkpoint.fingerprint, into: &metadata)
    do throws(SafetensorsError) {
      var whole = try SafetensorsFile(tensors, metadata: metadata)
      whole.metadata[CheckpointKey.digest.rawValue] = try digest(of: whole)
      return try whole.encoded()
    } catch {
      throw .safetensors(error)
    }
  }

  /// SHA-256 of the file with zeros in place of the digest.
  private static func digest(of file: SafetensorsFile) throws(SafetensorsError) -> String {
    var blank = file
    blank.metadata[CheckpointKey.digest.rawValue] = zeros
    return SHA256.hash(data: try blank.encoded()).hexadecimal
  }

  // MARK: - Reading

  /// Reads and verifies a file.
  ///
  /// - Throws: `CheckpointError.inFile` with the path and the reason.
  static func checkpoint(contentsOf path: String) throws(CheckpointError) -> Checkpoint {
    do throws(CheckpointError) {
      return try checkpoint(decoding: bytes(of: path))
    } catch .file(let error) {
      throw .file(error)
    } catch {
      throw .inFile(path: path, error)
    }
  }

  /// Decodes and verifies a checkpoint. An equivalent encoding with other bytes is refused as damaged.
  static func checkpoint(decoding bytes: [UInt8]) throws(CheckpointError) -> Checkpoint {
    let file: SafetensorsFile
    let actual: String
    do throws(SafetensorsError) {
      file = try SafetensorsFile(decoding: bytes)
      actual = try file.encoded() == bytes ? digest(of: file) : SHA256.hash(data: bytes).hexadecimal
    } catch {
      throw .safetensors(error)
    }
    guard let format = file.metadata[CheckpointKey.format.rawValue] else { throw .notACheckpoint }
    guard format == String(CheckpointKey.currentFormat) else {
      throw .unknownFormat(format, known: CheckpointKey.currentFormat)
    }
    let expected = file.metadata[CheckpointKey.digest.rawValue] ?? "none"
    guard actual == expected else { throw .damaged(expected: expected, actual: actual) }
    return try Checkpoint(
      model: model(in: file),
      seed: CheckpointKey.seed.decode(UInt64.self, from: file.metadata),
      optimizer: CheckpointKey.optimizer.decode(Optimizer.self, from: file.metadata),
      optimizerState: OptimizerState(
        updates: CheckpointKey.updates.decode(Int.self, from: file.metadata),
        firstMoment: file[firstMoment]?.scalars ?? [],
        secondMoment: file[secondMoment]?.scalars ?? []),
      progress: CheckpointKey.progress.decode(TrainingProgress.self, from: file.metadata),
      settings: CheckpointKey.settings.decode(TrainingSettings.self, from: file.metadata),
      fingerprint: CheckpointKey.fingerprint.decode(ArithmeticFingerprint.self, from: file.metadata),
      bestParameters: file[best]?.scalars)
  }

  private static func model(in file: SafetensorsFile) throws(CheckpointError) -> ModelFile {
    do throws(ModelFileError) { return try ModelFile(file) } catch { throw .model(error) }
  }

  /// The tensors of the model in a file: in a checkpoint, all except those of the optimizer and of early
  /// stopping.
  static func modelTensors(of file: SafetensorsFile) -> [NamedTensor] {
    let isCheckpoint = file.metadata[CheckpointKey.format.rawValue] != nil
    return file.entries
      .filter { !isCheckpoint || ![firstMoment, secondMoment, best].contains($0.name) }
      .map { NamedTensor(name: $0.name, tensor: $0.tensor) }
  }

  private static func bytes(of path: String) throws(CheckpointError) -> [UInt8] {
    do throws(FileError) {
      let file = try RegularFile(path: path, followsLinks: false)
      // A failed allocation would end the process.
      let limit = min(SafetensorsLimits.dataBytes + SafetensorsLimits.headerBytes, PhysicalMemory.bytes / 4)
      guard file.size <= limit else { throw .system(.read, path: path, code: EFBIG) }
      var bytes = [UInt8](repeating: 0, count: file.size)
      try bytes.withUnsafeMutableBufferPointer { buffer throws(FileError) in
        try file.read(into: UnsafeMutableRawBufferPointer(buffer))
      }
      return bytes
    } catch {
      throw .file(error)
    }
  }
}
