import Crypto
import Im2col

#if _endian(big)
  #error("safetensors and digests hold little-endian Float32; this package copies them as they lie in memory")
#endif

/// The fingerprint of a model's parameters: SHA-256 of all of them as little-endian
/// Float32, in the model's order, as 64 lower-case hexadecimal digits.
///
/// Two trainings ended with the same bits exactly when their digests are equal.
/// Shapes and names are not part of it, so `[2, 3]` and `[3, 2]` with the same numbers agree.
public struct ParameterDigest {
  private var hash = SHA256()

  /// Starts with no parameters.
  public init() {}

  /// Adds the parameters of a tensor of any shape.
  public mutating func update(_ tensor: Tensor) {
    update(tensor.scalars)
  }

  /// Adds parameters.
  public mutating func update(_ scalars: [Float]) {
    scalars.withUnsafeBytes { hash.update(bufferPointer: $0) }
  }

  /// The digest of everything added up to now.
  public var hexadecimal: String {
    hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// The digest of tensors, one after another.
  ///
  /// - Complexity: O(*n*) where *n* is the number of scalars.
  public static func hexadecimal(of tensors: [Tensor]) -> String {
    var digest = ParameterDigest()
    for tensor in tensors { digest.update(tensor) }
    return digest.hexadecimal
  }

  /// The digest of one flat buffer of parameters.
  public static func hexadecimal(of scalars: [Float]) -> String {
    var digest = ParameterDigest()
    digest.update(scalars)
    return digest.hexadecimal
  }
}
