import Im2col

extension EngineError {
  /// Checks a tensor's shape against the one that is needed.
  static func require(_ tensor: Tensor, _ shape: [Int], _ what: String) throws(EngineError) {
    guard tensor.shape == shape else {
      throw .shape(.mismatch(what, expected: shape, actual: tensor.shape))
    }
  }
}
