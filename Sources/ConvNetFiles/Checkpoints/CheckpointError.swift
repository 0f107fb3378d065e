import Im2col

/// Why a checkpoint cannot be read or written, or a folder cannot be used for training.
///
/// Every description has the cause and a remedy.
public enum CheckpointError: Error, Sendable, Equatable {
  /// Reading, writing, listing or locking failed.
  case file(FileError)
  /// The safetensors file is invalid.
  case safetensors(SafetensorsError)
  /// The model in the checkpoint is invalid.
  case model(ModelFileError)
  /// The optimizer's state is invalid, or this process's OpenBLAS must not be used.
  case engine(EngineError)
  /// A safetensors file that is not a checkpoint.
  case notACheckpoint
  /// An unknown version of the file format.
  case unknownFormat(String, known: Int)
  /// A metadata entry with an invalid value.
  case malformed(key: String, reason: String)
  /// The content does not match the digest in the file.
  case damaged(expected: String, actual: String)
  /// A number is NaN or infinite.
  case notFinite(String, index: Int, value: Float)
  /// A file whose name has another step than its content.
  case misnamed(step: Int)
  /// The checkpoint is of another model.
  case otherModel(String, saved: String, current: String)
  /// Another training run has locked the folder.
  case locked(folder: String, process: Int?)
  /// The locked folder was removed or replaced.
  case folderReplaced(String)
  /// A folder whose checkpoints are all unusable, with the reasons.
  case noneUsable(folder: String, [CheckpointError])
  /// One of the above, in the file at `path`.
  indirect case inFile(path: String, CheckpointError)
}

extension CheckpointError: CustomStringConvertible {
  /// What is wrong, with the numbers, and a remedy.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .safetensors(let error): error.description
    case .model(let error): error.description
    case .engine(let error): error.description
    case .notACheckpoint:
      "the file is not a checkpoint; specify a checkpoint, because a model file alone cannot be resumed"
    case .unknownFormat(let format, let known):
      "the checkpoint's format is \(format.quoted), but only format \(known) is supported; "
        + "use the version of this package that wrote it"
    case .malformed(let key, let reason):
      "the metadata entry \(key.quoted) \(reason); use another checkpoint"
    case .damaged(let expected, let actual):
      "its content has the SHA-256 \(actual), but \(expected.quoted) was recorded when it was saved: "
        + "the file is damaged or was changed; use another checkpoint, or copy it again"
    case .notFinite(let what, let index, let value):
      "element \(index) of \(what) is \(value); train again with a lower learning rate"
    case .misnamed(let step):
      "the file contains step \(step), but its name has another; restore the original name"
    case .otherModel(let what, let saved, let current):
      "\(what) of the checkpoint is \(saved.printable), but the model's is \(current.printable); "
        + "use the original model, or train in another folder"
    case .locked(let folder, let process):
      "another training run\(process.map { " (process \($0))" } ?? "") uses the folder \(folder.printable); "
        + "wait until it ends, or train in another folder"
    case .folderReplaced(let folder):
      "the folder \(folder.printable) was removed or replaced during training, "
        + "so checkpoints cannot be saved; start training again"
    case .noneUsable(let folder, let reasons):
      "no checkpoint in \(folder.printable) can be used; remove them to start from the beginning. "
        + reasons.map(\.description).joined(separator: "; ")
    case .inFile(let path, let error):
      "\(path.printable): \(error)"
    }
  }
}
