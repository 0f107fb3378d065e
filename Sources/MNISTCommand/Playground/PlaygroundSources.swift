/// The files of the page, compiled into the command.
package enum PlaygroundSources {
  /// The script's parts in order: each uses those before it.
  package static let scripts: [(name: String, text: String)] = [
    ("arithmetic.js", text(PackageResources.arithmetic_js)),
    ("normalizer.js", text(PackageResources.normalizer_js)),
    ("numbers.js", text(PackageResources.numbers_js)),
    ("elements.js", text(PackageResources.elements_js)),
    ("planes.js", text(PackageResources.planes_js)),
    ("net-view.js", text(PackageResources.net_view_js)),
    ("explanations.js", text(PackageResources.explanations_js)),
    ("inspector.js", text(PackageResources.inspector_js)),
    ("drawing.js", text(PackageResources.drawing_js)),
    ("controls.js", text(PackageResources.controls_js)),
    ("tour.js", text(PackageResources.tour_js)),
    ("page.js", text(PackageResources.page_js)),
  ]

  /// The script of the page.
  static let script = scripts.map(\.text).joined(separator: "\n")

  /// The style sheet of the page, which follows that of the report.
  static let styleSheet = text(PackageResources.playground_css)

  /// One part of the script.
  ///
  /// - Precondition: `name` is that of a part.
  package static func script(named name: String) -> String {
    guard let part = scripts.first(where: { $0.name == name }) else {
      preconditionFailure("no script \(name)")
    }
    return part.text
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
