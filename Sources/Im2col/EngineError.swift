/// The reason why an operation could not run.
public enum EngineError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Invalid shapes or settings.
  case shape(ShapeError)
  /// An OpenBLAS that is not usable.
  case blas(BLASError)
  /// Data that make no sense for a model.
  case data(DataError)
  /// A model that another thread is using.
  case inUse

  /// The problem, with the numbers and the remedy.
  public var description: String {
    switch self {
    case .shape(let error): error.description
    case .blas(let error): error.description
    case .data(let error): error.description
    case .inUse:
      "another thread is using the model; wait for it, or make a predictor() or a copy() for each thread"
    }
  }

  /// Calls `body`, and rethrows its shape error as an engine error.
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
