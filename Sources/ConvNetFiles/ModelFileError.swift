import Im2col

/// A model file that cannot be used, or a model that cannot become one.
///
/// The text of every case has the numbers and the remedy.
public enum ModelFileError: Error, Sendable, Equatable {
  /// The safetensors file itself, or the disk.
  case safetensors(SafetensorsError)
  /// The layers that the file declares, or this process' OpenBLAS.
  case engine(EngineError)
  /// A format that this version of the package does not know.
  case unknownFormat(String, known: Int)
  /// An entry of the metadata that does not hold what its name promises.
  case malformed(key: String, reason: String)
  /// A layer's parameters are not in the file.
  case missing(parameter: String, shape: [Int])
  /// The file holds a tensor that no layer has.
  case unexpected(tensor: String, shape: [Int])
  /// A tensor with another shape than its layer asks for.
  case shape(parameter: String, expected: [Int], actual: [Int])
  /// NaN or infinity among the parameters.
  case notFinite(parameter: String, index: Int, value: Float)
  /// The parameters are not those that the digest was taken of.
  case digest(expected: String, actual: String)
  /// As many class names as the model has outputs are needed.
  case classCount(names: Int, outputs: [Int])
  /// Layers that would need more memory or time than a model file may ask for.
  case tooLarge(String, value: Double, limit: Double)
  /// One of the above, in the file at `path`.
  indirect case inFile(path: String, ModelFileError)
}

extension ModelFileError: CustomStringConvertible {
  /// What is wrong, with the numbers, and the remedy.
  public var description: String {
    switch self {
    case .safetensors(let error):
      error.description
    case .engine(let error):
      error.description
    case .unknownFormat(let format, let known):
      "the model's format is \(Self.quoted(format)), but only format \(known) is known here; "
        + "use the version of this package that wrote it"
    case .malformed(let key, let reason):
      "the metadata entry \(Self.quoted(key)) \(reason); write the model again"
    case .missing(let parameter, let shape):
      "the parameter \(Self.quoted(parameter)) of shape \(shape) is missing; "
        + "save it under this name (without layers in the metadata, a file has to hold LeNet-5)"
    case .unexpected(let tensor, let shape):
      "no layer has a parameter \(Self.quoted(tensor)) (shape \(shape)); rename it or leave it out"
    case .shape(let parameter, let expected, let actual):
      "the parameter \(Self.quoted(parameter)) has shape \(actual), but its layer needs \(expected); kernels are "
        + "[height, width, inputs, outputs] and [inputs, outputs]: transpose it before saving"
    case .notFinite(let parameter, let index, let value):
      "element \(index) of the parameter \(Self.quoted(parameter)) is \(value); "
        + "train again with a lower learning rate"
    case .digest(let expected, let actual):
      "the parameters have the SHA-256 \(actual), but \(Self.quoted(expected)) was noted when they were saved; "
        + "the file is damaged or was changed, take it from where it came from"
    case .classCount(let names, let outputs):
      "there are \(names) class names for outputs of shape \(outputs); give one name an output"
    case .tooLarge(let what, let value, let limit):
      "\(what) come to \(value), more than the \(limit) allowed; check the input shape and the layers"
    case .inFile(let path, let error):
      if case .safetensors = error { error.description } else { "\(path.printable): \(error)" }
    }
  }

  /// A text from a file, cut and escaped so that it cannot steer a terminal.
  private static func quoted(_ text: String) -> String {
    String(reflecting: String(text.unicodeScalars.prefix(80)))
  }
}
