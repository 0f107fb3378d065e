/// A violation of a rule of the safetensors format or of this package's limits (see ``SafetensorsLimits``),
/// in a file or in the values to be written.
///
/// Every description has the numbers and the remedy.
public enum SafetensorsError: Error, Sendable, Equatable {
  /// Fewer bytes than the smallest file: eight for the header's length and two for `{}`.
  case tooShort(bytes: Int)
  /// A header longer than this package reads or writes.
  case headerTooLong(bytes: UInt64, limit: Int)
  /// A header that would end after the end of the file.
  case headerBeyondEnd(header: Int, file: Int)
  /// A header that is not the JSON that the format requires; `offset` counts from the start of the file.
  case malformedHeader(offset: Int, expected: String)
  /// A name of a tensor, of a tensor's field or of a metadata entry that occurs twice.
  case duplicateName(String)
  /// A name of a tensor or metadata entry that cannot be used.
  case invalidName(String, reason: String)
  /// More tensors than this package reads or writes.
  case tooManyTensors(limit: Int)
  /// A tensor that lacks `dtype`, `shape` or `data_offsets`.
  case missingField(tensor: String, field: String)
  /// A tensor whose scalars are not Float32.
  case unsupportedType(tensor: String, type: String)
  /// A tensor with more axes than this package reads or writes.
  case tooManyAxes(tensor: String, limit: Int)
  /// A tensor larger than the address space, or with an axis above 2,147,483,647.
  case sizeOverflow(tensor: String, shape: [Int])
  /// Offsets that leave a gap, overlap, or do not fit the shape.
  case offsets(tensor: String, shape: [Int], expected: [Int], actual: [Int])
  /// Tensors whose data ends before or after the end of the file.
  case dataLength(tensors: Int, file: Int)
  /// More data than this package reads or writes.
  case tooMuchData(bytes: Int, limit: Int)
  /// A file that cannot be read or written.
  case access(FileError)
  /// One of the above, in the file at `path`.
  indirect case inFile(path: String, SafetensorsError)
}

/// This package's limits for safetensors files; the format itself allows more.
///
/// These rules are also stricter than in the reference implementation: Float32 only; no duplicate names of
/// tensors or metadata entries; no NUL in any string; no fields except `dtype`, `shape` and `data_offsets`;
/// no axis above 2,147,483,647; no white space before the header's `{` and only spaces after its `}`;
/// metadata values are strings, not `null`.
public enum SafetensorsLimits {
  /// The maximum size of the header in bytes.
  public static let headerBytes = 1 << 20
  /// The maximum size of all tensors' data in bytes.
  public static let dataBytes = 1 << 32
  /// The maximum number of tensors in a file.
  public static let tensors = 4096
  /// The maximum number of axes of a tensor.
  public static let axes = 8
  /// The maximum length of a name in UTF-8 bytes.
  public static let nameBytes = 256
}

extension SafetensorsError: CustomStringConvertible {
  /// What is wrong, with the numbers, and the remedy.
  public var description: String {
    switch self {
    case .tooShort(let bytes):
      "\(bytes) bytes are too few for a safetensors file, which has at least 10; check that the file is complete"
    case .headerTooLong(let bytes, let limit):
      "the header has \(bytes) bytes, more than the \(limit) allowed; check that this is a safetensors file, "
        + "or give it fewer tensors or less metadata"
    case .headerBeyondEnd(let header, let file):
      "a header of \(header) bytes does not fit in a file of \(file) bytes; check that the file is complete"
    case .malformedHeader(let offset, let expected):
      "the header is malformed at byte \(offset), where \(expected) is required; write the file again with safetensors"
    case .duplicateName(let name):
      "the name \(name.quoted) occurs twice; give every tensor, field and metadata entry its own name"
    case .invalidName(let name, let reason):
      "the name \(name.quoted) \(reason); rename it"
    case .tooManyTensors(let limit):
      "there are more than the \(limit) tensors allowed; use several files"
    case .missingField(let tensor, let field):
      "the tensor \(tensor.quoted) has no \(field); write the file again with safetensors"
    case .unsupportedType(let tensor, let type):
      "the tensor \(tensor.quoted) has the type \(type.quoted), but only F32 is supported; "
        + "convert it to float32 before saving"
    case .tooManyAxes(let tensor, let limit):
      "the tensor \(tensor.quoted) has more than \(limit) axes; reshape it before saving"
    case .sizeOverflow(let tensor, let shape):
      "the tensor \(tensor.quoted) of shape \(shape) is larger than memory can address; check its shape"
    case .offsets(let tensor, let shape, let expected, let actual):
      "the tensor \(tensor.quoted) of shape \(shape) has the data offsets \(actual) instead of "
        + "\(expected); write the file again with safetensors"
    case .dataLength(let tensors, let file):
      "the tensors have \(tensors) bytes of data, but the file has \(file); check that the file is complete "
        + "and that nothing follows the data"
    case .tooMuchData(let bytes, let limit):
      "the tensors have \(bytes) bytes of data, more than the \(limit) allowed; use several files"
    case .access(let error):
      error.description
    case .inFile(let path, let error):
      "\(path): \(error)"
    }
  }
}
