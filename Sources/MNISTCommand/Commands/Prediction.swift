import ConvNetFiles
import DigitImages

/// A model's answer to one image.
package struct Prediction {
  /// nil for a drawing, which is alone in its file.
  package let index: Int?
  /// The right answer, where it is known.
  package let label: String?
  /// The file that the image is from; nil for a data set.
  package let file: String?
  /// What the network saw, where that is to be shown.
  package var picture: GrayImage?
  /// Whether a drawing was dark on light; nil where it is none.
  package var wasInverted: Bool?
  /// The likeliest classes, the likeliest first.
  package let likeliest: [(name: String, probability: Double)]

  private static let shown = 3
  private static let barCells = 20

  /// Keeps the three largest outputs; of equal ones the first.
  package init(index: Int?, label: String?, file: String?, outputs: [(name: String, probability: Double)]) {
    (self.index, self.label, self.file) = (index, label, file)
    let order = outputs.indices.sorted { a, b in
      let (p, q) = (outputs[a].probability, outputs[b].probability)
      return p == q ? a < b : p > q
    }
    likeliest = order.prefix(Self.shown).map { outputs[$0] }
  }

  /// A heading, a bar a class, and the picture.
  package func text(style: TextStyle) -> String {
    let place = [file?.printable, index.map { "image \($0)" }].compactMap { $0 }.joined(separator: " ")
    let width = likeliest.map(\.name.count).max() ?? 0
    let answer = label.map { " is \($0)" } ?? ""
    let lines = likeliest.map { name, probability in
      let bar = Bar(style: style, cells: Self.barCells).text(probability)
      let share = NumberText.percent(probability, 2)
      let blanks = String(repeating: " ", count: max(width - name.count, 0) + max(7 - share.count, 0))
      return "  \(name)  \(blanks)\(share)  \(bar)"
    }
    let picture = picture.map { [""] + BlockPicture(style: style).lines($0).map { "  " + $0 } + [""] } ?? []
    return (["\(place)\(answer)"] + lines + picture).joined(separator: "\n")
  }

  /// `{"index":3,"label":"0","predictions":[{"class":"0","probability":0.99},...]}`, and for a drawing
  /// `{"file":"digit.png","inverted":true,"predictions":[...]}`.
  package func record() throws -> String {
    struct Answer: Encodable {
      let `class`: String
      let probability: Double
    }
    var line = JSONLine()
    if let file { try line.add("file", file) }
    if let index { try line.add("index", index) }
    if let label { try line.add("label", label) }
    if let wasInverted { try line.add("inverted", wasInverted) }
    try line.add("predictions", likeliest.map { Answer(class: $0.name, probability: $0.probability) })
    return line.text
  }
}
