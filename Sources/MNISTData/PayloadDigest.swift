import ConvNetFiles
import Crypto

extension LabeledImages {
  /// SHA-256 of these images as an uncompressed IDX file, 64 hexadecimal digits.
  ///
  /// - Complexity: O(*n*) for *n* pixels.
  public func imagesDigest() -> String {
    var hash = SHA256()
    updateImages(&hash)
    return hash.finalize().hexadecimal
  }

  /// SHA-256 of these labels as an uncompressed IDX file, 64 hexadecimal digits.
  public func labelsDigest() -> String {
    var hash = SHA256()
    updateLabels(&hash)
    return hash.finalize().hexadecimal
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

/// SHA-256 of an IDX file with these sizes and this payload, 64 hexadecimal digits.
func payloadDigest(_ kind: IDXKind, sizes: [Int], bytes: [UInt8]) -> String {
  var hash = SHA256()
  hash.update(data: kind.header(sizes: sizes))
  hash.update(data: bytes)
  return hash.finalize().hexadecimal
}
