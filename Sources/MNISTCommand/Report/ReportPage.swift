import Mustache

/// Renders the page from the templates of its sections.
enum ReportPage {
  /// - Throws: `MustacheTemplate.Error` if a template is malformed, which the tests rule out.
  static func render(_ view: ReportView) throws -> String {
    MustacheContentTypes.register(HTMLEscaping(), named: HTMLEscaping.name)
    return try MustacheTemplate(string: text).render(view)
  }

  private static let text =
    "{{%CONTENT_TYPE: \(HTMLEscaping.name)}}" + PageTemplate.head + StyleSheet.text + PageTemplate.opening
    + CurvesTemplate.text + ConfusionTemplate.text + ErrorsTemplate.text + KernelsTemplate.text
    + FeatureMapsTemplate.text + FactsTemplate.text + PageTemplate.end
}
