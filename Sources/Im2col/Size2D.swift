/// A height and a width, in that order everywhere in this package.
///
/// An integer literal is a square: `stride: 2` is two rows and two columns.
public struct Size2D: Sendable, Hashable, Codable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// The number of rows.
  public let height: Int
  /// The number of columns.
  public let width: Int

  /// Creates a size; operations validate it, so that their errors can name it.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// Creates a square.
  public init(_ side: Int) { self.init(height: side, width: side) }

  /// Creates a square.
  public init(integerLiteral side: Int) {
    self.init(height: side, width: side)
  }

  /// The size as `height` x `width`, for example `5x3`.
  public var description: String { "\(height)x\(width)" }
}
