/// The version of this package, as written to files and printed by `--version`.
package enum PackageVersion {
  package static let text = "0.1.0"
}
