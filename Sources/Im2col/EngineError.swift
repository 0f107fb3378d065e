/// Why an operation could not run.
public enum EngineError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The shapes or settings that were asked for.
  case shape(ShapeError)
  /// The matrix library of this process.
  case blas(BLASError)

  /// What is wrong, with the numbers and the remedy.
  public var description: String {
    switch self {
    case .shape(let error): error.description
    case .blas(let error): error.description
    }
  }

  /// Runs work that can only fail on a shape.
  package static func shapes<R>(_ body: () throws(ShapeError) -> R) throws(EngineError) -> R {
    do { return try body() } catch { throw .shape(error) }
  }

  /// Checks the shape of a tensor.
  ///
  /// - Throws: `EngineError.shape` naming the tensor as `name`.
  package static func require(
    _ tensor: Tensor, _ shape: [Int], _ name: @autoclosure () -> String
  ) throws(EngineError) {
    guard tensor.shape == shape else {
      throw .shape(.mismatch(name(), expected: shape, actual: tensor.shape))
    }
  }
}
