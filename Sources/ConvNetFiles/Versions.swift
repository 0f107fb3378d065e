import Im2col

/// The versions that wrote a file. With equal versions and core, the same seed gives the same bits.
public struct Versions: Sendable, Hashable, Codable {
  /// The version of this package.
  public let package: String
  /// The version of OpenBLAS and its build options.
  public let openBLAS: String
  /// The name of the kernels that OpenBLAS selected for the CPU.
  public let core: String

  /// Creates a value from its parts.
  public init(package: String, openBLAS: String, core: String) {
    (self.package, self.openBLAS, self.core) = (package, openBLAS, core)
  }

  /// The version of this package.
  public static let package = PackageVersion.text

  /// The versions of this process.
  public static var current: Versions {
    Versions(package: package, openBLAS: BLAS.version, core: BLAS.coreName)
  }
}
