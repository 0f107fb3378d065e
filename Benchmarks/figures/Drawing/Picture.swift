/// A picture as data: marks on a card, back to front. Lengths are pixels at the size a reader sees it;
/// x runs to the right, y down.
struct Picture {
  let width: Double
  let height: Double
  /// The alternative text.
  let title: String
  var marks: [Mark] = []

  init(width: Double = 720, height: Double, title: String, marks: [Mark] = []) {
    (self.width, self.height, self.title, self.marks) = (width, height, title, marks)
  }
}

/// One thing that is drawn.
enum Mark {
  case box(Box, fill: Ink? = nil, stroke: Stroke? = nil, corner: Double = 0)
  case line([Point], Stroke)
  case area([Point], Ink, opacity: Double)
  case dot(Point, radius: Double, fill: Ink? = nil, stroke: Stroke? = nil)
  case text(String, Point, TextStyle = TextStyle())
  case pixels(PixelMap, Point, side: Double, Ink)
}

extension Mark {
  /// A line with a head at its end.
  static func arrow(from start: Point, to end: Point, _ stroke: Stroke, head: Double = 8) -> [Mark] {
    let length = ((end.x - start.x) * (end.x - start.x) + (end.y - start.y) * (end.y - start.y)).squareRoot()
    let (dx, dy) = ((end.x - start.x) / length, (end.y - start.y) / length)
    let neck = Point(end.x - dx * head, end.y - dy * head)
    let side = head * 0.45
    return [
      .line([start, neck], stroke),
      .area(
        [end, Point(neck.x - dy * side, neck.y + dx * side), Point(neck.x + dy * side, neck.y - dx * side)],
        stroke.ink, opacity: 1),
    ]
  }
}

struct Point {
  let x: Double
  let y: Double

  init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
}

struct Box {
  let x: Double
  let y: Double
  let width: Double
  let height: Double

  init(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  var center: Point { Point(x + width / 2, y + height / 2) }
}

struct Stroke {
  let ink: Ink
  let width: Double
  let dashed: Bool

  init(_ ink: Ink, _ width: Double = 1, dashed: Bool = false) {
    (self.ink, self.width, self.dashed) = (ink, width, dashed)
  }
}

struct TextStyle {
  enum Anchor: String { case start, middle, end }

  var size = 13.0
  var ink = Ink.ink
  var anchor = Anchor.start
  var bold = false
  /// Degrees, clockwise.
  var rotated = 0.0

  static func centered(_ size: Double = 13, _ ink: Ink = .ink, bold: Bool = false) -> TextStyle {
    TextStyle(size: size, ink: ink, anchor: .middle, bold: bold)
  }

  static func right(_ size: Double = 13, _ ink: Ink = .ink, bold: Bool = false) -> TextStyle {
    TextStyle(size: size, ink: ink, anchor: .end, bold: bold)
  }

  static func left(_ size: Double = 13, _ ink: Ink = .ink, bold: Bool = false) -> TextStyle {
    TextStyle(size: size, ink: ink, bold: bold)
  }
}
