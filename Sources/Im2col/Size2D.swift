/// A height and a width, in that order everywhere in this package.
///
/// An integer literal stands for a square: `stride: 2` is two rows and two columns.
public struct Size2D: Sendable, Hashable, Codable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int

  /// Makes a size; it is checked where it is used, so that the error can name the use.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// Makes a square.
  public init(integerLiteral side: Int) {
    self.init(height: side, width: side)
  }

  /// `height x width`, for example `5x3`.
  public var description: String { "\(height)x\(width)" }
}
