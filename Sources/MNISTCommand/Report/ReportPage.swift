import Mustache

/// The page's template, put together from its sections, and filled in.
enum ReportPage {
  /// - Throws: `MustacheTemplate.Error` when a template is malformed, which a test rules out.
  static func render(_ view: ReportView) throws -> String {
    MustacheContentTypes.register(HTMLEscaping(), named: HTMLEscaping.name)
    return try MustacheTemplate(string: text).render(view)
  }

  private static let text =
    "{{%CONTENT_TYPE: \(HTMLEscaping.name)}}" + PageTemplate.head + StyleSheet.text + PageTemplate.opening
    + CurvesTemplate.text + ConfusionTemplate.text + MistakesTemplate.text + KernelsTemplate.text
    + FeatureMapsTemplate.text + FactsTemplate.text + PageTemplate.end
}
