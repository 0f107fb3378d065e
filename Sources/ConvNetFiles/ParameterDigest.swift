import Crypto
import Im2col

#if _endian(big)
  #error("safetensors and digests hold little-endian Float32; this package copies their bytes from memory")
#endif

/// SHA-256 of a model's parameters as little-endian Float32, in the model's order.
///
/// Two training runs of one model ended with the same bits if and only if their digests are equal. Shapes and
/// names are not included: `[2, 3]` and `[3, 2]` with the same numbers have the same digest.
public struct ParameterDigest {
  private var hash = SHA256()

  /// Creates the digest of no parameters.
  public init() {}

  /// Adds the parameters of a tensor of any shape.
  public mutating func update(_ tensor: Tensor) {
    update(tensor.scalars)
  }

  /// Adds parameters.
  public mutating func update(_ scalars: [Float]) {
    scalars.withUnsafeBytes { hash.update(bufferPointer: $0) }
  }

  /// The digest of the parameters so far, 64 lower-case hexadecimal digits.
  public var hexadecimal: String {
    hash.finalize().hexadecimal
  }

  /// The digest of several tensors in order.
  ///
  /// - Complexity: O(*n*) where *n* is the number of scalars.
  public static func hexadecimal(of tensors: [Tensor]) -> String {
    var digest = ParameterDigest()
    for tensor in tensors { digest.update(tensor) }
    return digest.hexadecimal
  }

  /// The digest of a flat array of parameters.
  public static func hexadecimal(of scalars: [Float]) -> String {
    var digest = ParameterDigest()
    digest.update(scalars)
    return digest.hexadecimal
  }
}

extension Sequence<UInt8> {
  /// Two lower-case hexadecimal digits per byte.
  package var hexadecimal: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
