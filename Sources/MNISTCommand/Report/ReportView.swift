import ConvNet
import ConvNetFiles
import DigitImages
import MNISTData

/// The values of the page's template: `{{name}}` finds stored properties; strings are not yet escaped.
///
/// Mustache looks up a name that is nil in an inner section in the outer ones, so every name is used only
/// once.
struct ReportView {
  let title: String
  let testAccuracy, testLoss, parameterCount: String
  let correct, testImages: String
  let curves: CurvesView?
  let confusion: ConfusionView
  let errors: ErrorsView
  let kernels: KernelsView
  let featureMaps: FeatureMapsView
  let layers: [LayerRowView]
  let inputShape: String
  let facts: [FactView]

  init(_ report: TrainingReport) throws {
    let score = report.evaluation.score
    title = MNISTVariant(rawValue: report.test.name)?.title ?? report.test.name
    testAccuracy = NumberText.percent(score.accuracy, 2)
    testLoss = NumberText.fixed(score.loss, 4)
    parameterCount = report.network.parameterCount.grouped
    (correct, testImages) = (score.correct.grouped, score.images.grouped)
    curves = report.model.history.isEmpty ? nil : CurvesView(report.model.history)
    confusion = ConfusionView(report.evaluation.confusion, classNames: report.model.classNames)
    errors = try ErrorsView(report)
    kernels = try KernelsView(report.network)
    featureMaps = try FeatureMapsView(report)
    layers = report.network.summaryRows.map(LayerRowView.init)
    inputShape = shapeText(report.network.inputShape)
    facts = FactView.all(of: report)
  }
}

/// A shape such as `28 × 28 × 6`.
func shapeText(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: " × ") }

/// Two decimals, with a typographic minus sign.
func signedText(_ number: Float) -> String {
  NumberText.fixed(Double(number.magnitude), 2) == "0.00"
    ? "0" : (number < 0 ? "−" : "") + NumberText.fixed(Double(number.magnitude), 2)
}

/// A row of the summary table.
struct LayerRowView {
  let layer, output, parameters, operations, scratch, lowering: String

  init(_ row: SummaryRow) {
    (layer, output) = (row.name, shapeText(row.outputShape))
    parameters = Self.text(row.parameters)
    operations = Self.text(Int(row.forwardFLOPs))
    scratch = Self.text(row.scratchBytes)
    lowering = row.lowering ?? "–"
  }

  /// An en dash for 0.
  private static func text(_ number: Int) -> String { number == 0 ? "–" : number.grouped }
}

/// A setting or a version.
struct FactView {
  let name, value: String

  /// The origin of the model and of the page.
  static func all(of report: TrainingReport) -> [FactView] {
    let model = report.model
    var facts = model.notes.sorted { $0.key < $1.key }.map {
      // Counts with separators; a seed is not a count.
      let count = $0.key == "seed" ? nil : Int($0.value)
      return FactView(
        name: $0.key.split(separator: "_").joined(separator: " "), value: count?.grouped ?? $0.value)
    }
    facts += report.extraFacts.map { FactView(name: $0.name, value: $0.value) }
    facts.append(FactView(name: "pixels", value: "bytes / \(model.pixelDivisor)"))
    if let versions = model.versions {
      facts += [
        FactView(name: "model written by", value: "swift-im2col \(versions.package)"),
        FactView(name: "OpenBLAS", value: versions.openBLAS),
        FactView(name: "OpenBLAS kernels", value: versions.core),
      ]
    }
    facts += [
      FactView(
        name: "page written by", value: "swift-im2col \(Versions.package), libpng \(GrayImage.pngVersion)"),
      FactView(name: "SHA-256 of the parameters", value: model.digest),
    ]
    return facts
  }
}
