import Im2col

/// What made a file: with the same versions and core, the same seed gives the same bits.
public struct Versions: Sendable, Hashable, Codable {
  /// This package.
  public let package: String
  /// OpenBLAS with its build options.
  public let openBLAS: String
  /// The kernels that OpenBLAS chose for the CPU.
  public let core: String

  /// Names versions, for instance those of a file.
  public init(package: String, openBLAS: String, core: String) {
    (self.package, self.openBLAS, self.core) = (package, openBLAS, core)
  }

  /// The version of this package.
  public static let package = PackageVersion.text

  /// Those of this process.
  public static var current: Versions {
    Versions(package: package, openBLAS: BLAS.version, core: BLAS.coreName)
  }
}
