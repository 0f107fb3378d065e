import Im2col

extension EngineError {
  /// Checks that a tensor has the expected shape.
  static func require(_ tensor: Tensor, _ shape: [Int], _ what: String) throws(EngineError) {
    guard tensor.shape == shape else {
      throw .shape(.mismatch(what, expected: shape, actual: tensor.shape))
    }
  }
}
