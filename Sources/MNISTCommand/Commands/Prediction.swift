import ConvNetFiles
import DigitImages

/// A model's prediction for one image.
package struct Prediction {
  /// The index in the set; nil for a drawing.
  package let index: Int?
  /// The name of the label, if known.
  package let label: String?
  /// The file of the image; nil for a data set.
  package let file: String?
  /// The input of the network, if it is to be shown.
  package var picture: GrayImage?
  /// Whether a drawing was dark on light; nil for an image of a set.
  package var wasInverted: Bool?
  /// The most likely classes, in descending order of probability.
  package let mostLikely: [(name: String, probability: Double)]

  private static let shown = 3
  private static let barCells = 20

  /// Keeps the three largest outputs; among equals the first.
  package init(index: Int?, label: String?, file: String?, outputs: [(name: String, probability: Double)]) {
    (self.index, self.label, self.file) = (index, label, file)
    let order = outputs.indices.sorted { a, b in
      let (p, q) = (outputs[a].probability, outputs[b].probability)
      return p == q ? a < b : p > q
    }
    mostLikely = order.prefix(Self.shown).map { outputs[$0] }
  }

  /// A heading, one bar per class, and the picture.
  package func text(style: TextStyle) -> String {
    let place = [file?.printable, index.map { "image \($0)" }].compactMap { $0 }.joined(separator: " ")
    let width = mostLikely.map(\.name.count).max() ?? 0
    let suffix = label.map { " is \($0)" } ?? ""
    let lines = mostLikely.map { name, probability in
      let bar = Bar(style: style, cells: Self.barCells).text(probability)
      let percentage = NumberText.percent(probability, 2)
      let blanks = String(repeating: " ", count: max(width - name.count, 0) + max(7 - percentage.count, 0))
      return "  \(name)  \(blanks)\(percentage)  \(bar)"
    }
    let picture = picture.map { [""] + BlockPicture(style: style).lines($0).map { "  " + $0 } + [""] } ?? []
    return (["\(place)\(suffix)"] + lines + picture).joined(separator: "\n")
  }

  /// The prediction as JSON: `{"index":3,"label":"0","predictions":[{"class":"0","probability":0.99},...]}`,
  /// for a drawing `{"file":"digit.png","inverted":true,"predictions":[...]}`.
  package func record() throws -> String {
    struct ClassProbability: Encodable {
      let `class`: String
      let probability: Double
    }
    var line = JSONLine()
    if let file { try line.add("file", file) }
    if let index { try line.add("index", index) }
    if let label { try line.add("label", label) }
    if let wasInverted { try line.add("inverted", wasInverted) }
    try line.add(
      "predictions", mostLikely.map { ClassProbability(class: $0.name, probability: $0.probability) })
    return line.text
  }
}
