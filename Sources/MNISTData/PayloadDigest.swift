import Crypto

extension LabeledImages {
  /// SHA-256 of these images as a decompressed IDX file, 64 hexadecimal digits.
  ///
  /// - Complexity: O(*n*) for *n* pixels.
  public func imagesDigest() -> String {
    var hash = SHA256()
    updateImages(&hash)
    return hexadecimal(hash)
  }

  /// SHA-256 of these labels as a decompressed IDX file, 64 hexadecimal digits.
  public func labelsDigest() -> String {
    var hash = SHA256()
    updateLabels(&hash)
    return hexadecimal(hash)
  }

  func updateImages(_ hash: inout SHA256) {
    hash.update(data: IDXKind.images.header(sizes: [count, imageSize.height, imageSize.width]))
    withPixelBytes { hash.update(bufferPointer: $0) }
  }

  func updateLabels(_ hash: inout SHA256) {
    hash.update(data: IDXKind.labels.header(sizes: [count]))
    withLabelBytes { hash.update(bufferPointer: $0) }
  }
}

/// SHA-256 of a file's payload from its parts.
func payloadDigest(_ kind: IDXKind, sizes: [Int], bytes: [UInt8]) -> String {
  var hash = SHA256()
  hash.update(data: kind.header(sizes: sizes))
  hash.update(data: bytes)
  return hexadecimal(hash)
}

/// SHA-256 of bytes as 64 hexadecimal digits.
func sha256(_ bytes: [UInt8]) -> String {
  var hash = SHA256()
  hash.update(data: bytes)
  return hexadecimal(hash)
}

func hexadecimal(_ hash: SHA256) -> String {
  hash.finalize().map { byte in
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }.joined()
}
