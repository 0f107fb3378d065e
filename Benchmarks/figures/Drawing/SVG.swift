import Foundation

/// A picture as SVG text: the same picture gives the same text, byte for byte.
///
/// Colors are classes with one value for light and one for dark pages. The background changes with them, so the
/// picture is readable on both.
struct SVG {
  let text: String

  init(_ picture: Picture) {
    let size = "\(number(picture.width)) \(number(picture.height))"
    let title = escaped(picture.title)
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(size)" width="\#(number(picture.width))" "#
        + #"height="\#(number(picture.height))" role="img" aria-label="\#(title)">"#,
      "<title>\(title)</title>", SVG.style,
    ]
    let card = Box(0.5, 0.5, picture.width - 1, picture.height - 1)
    lines.append(SVG.element(.box(card, fill: .card, stroke: Stroke(.line), corner: 8)))
    lines += picture.marks.map(SVG.element)
    text = (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// `f-blue` fills with blue, `s-blue` draws lines with it.
  private static let style: String = {
    func rules(_ value: (Ink) -> String) -> String {
      Ink.allCases.map { ".f-\($0){fill:\(value($0))}.s-\($0){stroke:\(value($0))}" }.joined()
    }
    return """
      <style>text{font-family:system-ui,'Segoe UI',Helvetica,Arial,'DejaVu Sans',sans-serif;\
      font-variant-numeric:tabular-nums}
      \(rules(\.light))
      @media(prefers-color-scheme:dark){\(rules(\.dark))}</style>
      """
  }()

  private static func element(_ mark: Mark) -> String {
    switch mark {
    case .box(let box, let fill, let stroke, let corner):
      let corner = corner > 0 ? #" rx="\#(number(corner))""# : ""
      return #"<rect x="\#(number(box.x))" y="\#(number(box.y))" width="\#(number(box.width))" "#
        + #"height="\#(number(box.height))"\#(corner)\#(paint(fill, stroke))/>"#
    case .line(let points, let stroke):
      return #"<polyline points="\#(list(points))"\#(paint(nil, stroke))/>"#
    case .area(let points, let ink, let opacity):
      return #"<polygon points="\#(list(points))" fill-opacity="\#(number(opacity))"\#(paint(ink, nil))/>"#
    case .dot(let point, let radius, let fill, let stroke):
      return #"<circle cx="\#(number(point.x))" cy="\#(number(point.y))" r="\#(number(radius))""#
        + "\(paint(fill, stroke))/>"
    case .text(let string, let point, let style):
      var attributes = #"x="\#(number(point.x))" y="\#(number(point.y))" font-size="\#(number(style.size))""#
      if style.anchor != .start { attributes += #" text-anchor="\#(style.anchor.rawValue)""# }
      if style.bold { attributes += #" font-weight="600""# }
      if style.rotated != 0 {
        attributes +=
          #" transform="rotate(\#(number(style.rotated)) \#(number(point.x)) \#(number(point.y)))""#
      }
      return #"<text \#(attributes)\#(paint(style.ink, nil, isText: true))>\#(escaped(string))</text>"#
    case .pixels(let map, let point, let side, let ink):
      return map.paths(at: point, side: side).map { level in
        #"<path d="\#(level.path)" fill-opacity="\#(number(level.opacity))" "#
          + #"class="f-\#(ink)" shape-rendering="crispEdges"/>"#
      }.joined(separator: "\n")
    }
  }

  private static func list(_ points: [Point]) -> String {
    points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
  }

  private static func paint(_ fill: Ink?, _ stroke: Stroke?, isText: Bool = false) -> String {
    let classes = [fill.map { "f-\($0)" }, stroke.map { "s-\($0.ink)" }].compactMap { $0 }
    var text = classes.isEmpty ? "" : #" class="\#(classes.joined(separator: " "))""#
    if fill == nil, !isText { text += #" fill="none""# }
    if let stroke {
      text += #" stroke-width="\#(number(stroke.width))""#
      if stroke.dashed { text += #" stroke-dasharray="4 3""# }
    }
    return text
  }
}

/// A length with at most two decimals.
func number(_ value: Double) -> String {
  let rounded = (value * 100).rounded() / 100
  return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
}

private func escaped(_ string: String) -> String {
  string.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
    .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
}
