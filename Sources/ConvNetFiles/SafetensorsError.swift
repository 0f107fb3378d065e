/// A safetensors file, or what should become one, that breaks a rule of the format or
/// one of the stricter limits of this package (see ``SafetensorsLimits``).
///
/// The text of every case has the numbers and the remedy.
public enum SafetensorsError: Error, Sendable, Equatable {
  /// Fewer bytes than the smallest file, eight for the header's length and two for `{}`.
  case tooShort(bytes: Int)
  /// A header longer than this package reads or writes.
  case headerTooLong(bytes: UInt64, limit: Int)
  /// A header that would end behind the end of the file.
  case headerBeyondEnd(header: Int, file: Int)
  /// A header that is not the JSON that the format asks for; `offset` counts from the file's start.
  case malformedHeader(offset: Int, expected: String)
  /// A name that stands twice: of a tensor, of a field of a tensor or of an entry of the metadata.
  case duplicateName(String)
  /// A tensor's or metadata's name that cannot be used, and why.
  case invalidName(String, reason: String)
  /// More tensors than this package reads or writes.
  case tooManyTensors(limit: Int)
  /// A tensor without one of `dtype`, `shape` and `data_offsets`.
  case missingField(tensor: String, field: String)
  /// A tensor of numbers that are not Float32.
  case unsupportedType(tensor: String, type: String)
  /// A tensor with more axes than this package reads or writes.
  case tooManyAxes(tensor: String, limit: Int)
  /// A tensor that is larger than memory can be.
  case sizeOverflow(tensor: String, shape: [Int])
  /// Offsets other than those that continue the data without a gap and hold the shape's Float32.
  case offsets(tensor: String, shape: [Int], expected: [Int], actual: [Int])
  /// Data whose tensors end before or behind the end of the file.
  case dataLength(tensors: Int, file: Int)
  /// More data than this package reads or writes.
  case tooMuchData(bytes: Int, limit: Int)
  /// A file that could not be read or written.
  case access(FileError)
  /// One of the above, in the file at `path`.
  indirect case inFile(path: String, SafetensorsError)
}

/// What this package accepts at most in a safetensors file; the format itself allows more.
///
/// Stricter than the reference implementation are also: Float32 only; no name twice, neither of a
/// tensor nor in the metadata; no NUL in any text; no fields but `dtype`, `shape` and
/// `data_offsets`; no axis above 2,147,483,647; no white space before the header's `{`, and behind its
/// `}` none but spaces; metadata of texts, not `null`.
public enum SafetensorsLimits {
  /// Bytes of the header.
  public static let headerBytes = 1 << 20
  /// Bytes of all tensors' data.
  public static let dataBytes = 1 << 32
  /// Tensors in a file.
  public static let tensors = 4096
  /// Axes of a tensor.
  public static let axes = 8
  /// UTF-8 bytes of a tensor's or metadata's name.
  public static let nameBytes = 256
}

extension SafetensorsError: CustomStringConvertible {
  /// What is wrong, with the numbers, and the remedy.
  public var description: String {
    switch self {
    case .tooShort(let bytes):
      "\(bytes) bytes are too few for a safetensors file; it has at least 10, so check that the file is whole"
    case .headerTooLong(let bytes, let limit):
      "the header has \(bytes) bytes, more than the \(limit) allowed; check that this is a safetensors file, "
        + "or give it fewer tensors or less metadata"
    case .headerBeyondEnd(let header, let file):
      "a header of \(header) bytes does not fit into a file of \(file); check that the file is whole"
    case .malformedHeader(let offset, let expected):
      "the header is malformed at byte \(offset): \(expected) is needed there; write the file again with safetensors"
    case .duplicateName(let name):
      "the name \(Self.quoted(name)) stands twice; every tensor, field and metadata entry needs a name of its own"
    case .invalidName(let name, let reason):
      "the name \(Self.quoted(name)) \(reason); rename it"
    case .tooManyTensors(let limit):
      "there are more than the \(limit) tensors allowed; spread them over several files"
    case .missingField(let tensor, let field):
      "the tensor \(Self.quoted(tensor)) has no \(field); write the file again with safetensors"
    case .unsupportedType(let tensor, let type):
      "the tensor \(Self.quoted(tensor)) holds \(Self.quoted(type)), but only F32 is read; "
        + "convert it to float32 before saving"
    case .tooManyAxes(let tensor, let limit):
      "the tensor \(Self.quoted(tensor)) has more than \(limit) axes; reshape it before saving"
    case .sizeOverflow(let tensor, let shape):
      "the tensor \(Self.quoted(tensor)) of shape \(shape) is larger than memory can be; check its shape"
    case .offsets(let tensor, let shape, let expected, let actual):
      "the tensor \(Self.quoted(tensor)) of shape \(shape) has the data offsets \(actual), but without gaps they are "
        + "\(expected); write the file again with safetensors"
    case .dataLength(let tensors, let file):
      "the tensors have \(tensors) bytes of data, but the file has \(file); check that the file is whole "
        + "and that nothing follows the data"
    case .tooMuchData(let bytes, let limit):
      "the tensors have \(bytes) bytes of data, more than the \(limit) allowed; spread them over several files"
    case .access(let error):
      error.description
    case .inFile(let path, let error):
      "\(path): \(error)"
    }
  }

  /// A text from a file, cut and escaped so that it cannot steer a terminal.
  private static func quoted(_ text: String) -> String {
    String(reflecting: String(text.unicodeScalars.prefix(64)))
  }
}
