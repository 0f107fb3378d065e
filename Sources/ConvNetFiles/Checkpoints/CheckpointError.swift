import Im2col

/// A checkpoint that cannot be used or written, or a folder that cannot be trained in.
///
/// The text of every case has the numbers and the remedy.
public enum CheckpointError: Error, Sendable, Equatable {
  /// Reading, writing, listing or locking.
  case file(FileError)
  /// The safetensors file that holds it.
  case safetensors(SafetensorsError)
  /// The model in it.
  case model(ModelFileError)
  /// The optimizer's state, or this process' OpenBLAS.
  case engine(EngineError)
  /// A safetensors file of another kind.
  case noCheckpoint
  /// A format that this version of the package does not know.
  case unknownFormat(String, known: Int)
  /// An entry of the metadata that does not hold what its name promises.
  case malformed(key: String, reason: String)
  /// The file is not what was written.
  case damaged(expected: String, actual: String)
  /// NaN or infinity.
  case notFinite(String, index: Int, value: Float)
  /// A file whose name tells of another step than its content.
  case misnamed(step: Int)
  /// The model to restore is another one.
  case otherModel(String, saved: String, asked: String)
  /// Another training holds the folder.
  case locked(folder: String, process: Int?)
  /// The folder is no longer the one that was locked.
  case folderReplaced(String)
  /// A folder with checkpoints, none of which can be used.
  case noneUsable(folder: String, [CheckpointError])
  /// One of the above, in the file at `path`.
  indirect case inFile(path: String, CheckpointError)
}

extension CheckpointError: CustomStringConvertible {
  /// What is wrong, with the numbers, and the remedy.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .safetensors(let error): error.description
    case .model(let error): error.description
    case .engine(let error): error.description
    case .noCheckpoint:
      "this is no checkpoint of a training; a model alone cannot be resumed"
    case .unknownFormat(let format, let known):
      "the checkpoint's format is \(Self.quoted(format)), but only format \(known) is known here; "
        + "use the version of this package that wrote it"
    case .malformed(let key, let reason):
      "the metadata entry \(Self.quoted(key)) \(reason)"
    case .damaged(let expected, let actual):
      "its content has the SHA-256 \(actual), but \(Self.quoted(expected)) was noted when it was saved: "
        + "the file is damaged or was changed"
    case .notFinite(let what, let index, let value):
      "element \(index) of \(what) is \(value); train again with a lower learning rate"
    case .misnamed(let step):
      "it holds step \(step), which its name does not say; give it back the name that it had"
    case .otherModel(let what, let saved, let asked):
      "\(what) of the checkpoint: \(saved.printable), of the model: \(asked.printable); "
        + "make the model as it was, or train in another folder"
    case .locked(let folder, let process):
      "another training\(process.map { " (process \($0))" } ?? "") uses the folder \(folder.printable); "
        + "wait for it or train in another folder"
    case .folderReplaced(let folder):
      "the folder \(folder.printable) was removed or replaced during the training; "
        + "nothing more can be saved there, start again"
    case .noneUsable(let folder, let reasons):
      "no checkpoint in \(folder.printable) can be used; remove them to start from the beginning. "
        + reasons.map(\.description).joined(separator: "; ")
    case .inFile(let path, let error):
      "\(path.printable): \(error)"
    }
  }

  /// A text from a file, cut and escaped so that it cannot steer a terminal.
  private static func quoted(_ text: String) -> String {
    String(reflecting: String(text.unicodeScalars.prefix(80)))
  }
}
