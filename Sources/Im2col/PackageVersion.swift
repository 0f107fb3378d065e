/// The version of this package, for files and for `--version`.
package enum PackageVersion {
  package static let text = "0.1.0"
}
