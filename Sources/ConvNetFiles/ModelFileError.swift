import ConvNet
import Im2col

/// Why a model file cannot be read, or a model cannot be written.
///
/// Every description has the numbers and the remedy.
public enum ModelFileError: Error, Sendable, Equatable {
  /// The safetensors file is invalid or inaccessible.
  case safetensors(SafetensorsError)
  /// The layers are invalid, or this process's OpenBLAS must not be used.
  case engine(EngineError)
  /// An unknown version of the file format.
  case unknownFormat(String, known: Int)
  /// A layer whose type, or whose version, is not known.
  case unknownLayer(UnknownLayer)
  /// A metadata entry with an invalid value.
  case malformed(key: String, reason: String)
  /// A parameter of a layer is not in the file.
  case missing(parameter: String, shape: [Int])
  /// The file has a tensor that is not a parameter of any layer.
  case unexpected(tensor: String, shape: [Int])
  /// A tensor whose shape differs from the layer's.
  case shape(parameter: String, expected: [Int], actual: [Int])
  /// A parameter is NaN or infinite.
  case notFinite(parameter: String, index: Int, value: Float)
  /// The parameters do not match the digest in the file.
  case digest(expected: String, actual: String)
  /// The number of class names differs from the number of outputs.
  case classCount(names: Int, outputs: [Int])
  /// Layers that need more memory or time than the limits for model files.
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
      "the model's format is \(format.quoted), but only formats up to \(known) are supported; "
        + "use the version of this package that wrote it"
    case .unknownLayer(let error):
      error.description
    case .malformed(let key, let reason):
      "the metadata entry \(key.quoted) \(reason); write the model again"
    case .missing(let parameter, let shape):
      "the parameter \(parameter.quoted) of shape \(shape) is missing; "
        + "save it under this name (a file without layers in its metadata must contain LeNet-5)"
    case .unexpected(let tensor, let shape):
      "no layer has a parameter \(tensor.quoted) (shape \(shape)); rename it or remove it"
    case .shape(let parameter, let expected, let actual):
      "the parameter \(parameter.quoted) has shape \(actual), but its layer needs \(expected); kernels are "
        + "[height, width, inputs, outputs] and [inputs, outputs]: transpose it before saving"
    case .notFinite(let parameter, let index, let value):
      "element \(index) of the parameter \(parameter.quoted) is \(value); "
        + "train again with a lower learning rate"
    case .digest(let expected, let actual):
      "the parameters have the SHA-256 \(actual), but \(expected.quoted) was recorded when they were saved: "
        + "the file is damaged or was changed; copy or download it again"
    case .classCount(let names, let outputs):
      "there are \(names) class names for outputs of shape \(outputs); give one name per output"
    case .tooLarge(let what, let value, let limit):
      "\(what) are \(value), more than the \(limit) allowed; check the input shape and the layers"
    case .inFile(let path, let error):
      if case .safetensors = error { error.description } else { "\(path.printable): \(error)" }
    }
  }
}
