import Foundation

/// Histograms of the activations of ten layers, for kernels too small, as in He's rule, and too large.
enum InitializationPicture {
  static func make(_ measured: MeasuredFolder) throws -> Picture {
    let result = try measured.read(InitializationResult.self, "initialization.json")
    let looks: [(ink: Ink, name: String)] = [
      (.orange, "too small: \u{03C3} / 2"), (.blue, "He: \u{03C3} = \u{221A}(2/fan-in)"),
      (.red, "too large: 2 \u{03C3}"),
    ]
    var picture = Picture(
      height: 372,
      title:
        "Histograms of the positive activations of ten dense layers with ReLU, on a logarithmic scale. With half "
        + "of He's standard deviation they shrink layer by layer to about a thousandth, with twice that they grow "
        + "to about a thousand times, with He's they keep their size.")
    for (index, (run, look)) in zip(result.runs, looks).enumerated() {
      let frame = Box(70 + Double(index) * 212, 70, 196, 220)
      picture.marks += panel(run, frame, look.ink, caption: look.name, isFirst: index == 0)
    }
    picture.marks += [
      .text(
        "\(result.batch) inputs, \(result.units) units per layer; bar: root mean square; zeros (half of all) not drawn",
        Point(696, 358), .right(12, .faint))
    ]
    return picture
  }

  private static func panel(
    _ run: InitializationResult.Run, _ frame: Box, _ ink: Ink, caption: String, isFirst: Bool
  ) -> [Mark] {
    let (low, high) = (InitializationCommand.lowestDecade, InitializationCommand.highestDecade)
    let layers = run.layers.count
    let plot = Plot(
      frame: frame,
      x: .init("layer", 0...Double(layers), step: Double(layers) + 1) { _ in "" },
      y: .init(isFirst ? "activation" : "", Double(low)...Double(high), step: 2) {
        isFirst ? power(Int($0)) : ""
      },
      caption: caption)
    var marks = plot.marks
    let width = frame.width / Double(layers)
    let largestCount = Double(run.layers.flatMap(\.counts).max() ?? 1)
    for (index, layer) in run.layers.enumerated() {
      let x = frame.x + Double(index) * width + 2
      // The outline of the histogram, from its lowest bin to its highest.
      var outline: [Point] = []
      for (bin, count) in layer.counts.enumerated() {
        let length = Double(count) / largestCount * (width - 4)
        for edge in [bin, bin + 1] {
          let decade = Double(low) + Double(edge) / Double(InitializationCommand.binsPerDecade)
          outline.append(Point(x + length, plot.place(0, decade).y))
        }
      }
      if let first = outline.first, let last = outline.last {
        let area = [Point(x, first.y)] + outline + [Point(x, last.y)]
        marks.append(.area(area, ink, opacity: 0.75))
      }
      let level = plot.place(0, log10(layer.rootMeanSquare)).y
      marks.append(.line([Point(x, level), Point(x + width - 3, level)], Stroke(.ink, 1.6)))
      marks.append(
        .text("\(index + 1)", Point(x + width / 2 - 2, frame.y + frame.height + 17), .centered(11, .faint)))
    }
    return marks
  }

  /// `10⁻³` for -3.
  private static func power(_ exponent: Int) -> String {
    let digits = Array("\u{2070}\u{00B9}\u{00B2}\u{00B3}\u{2074}\u{2075}\u{2076}\u{2077}\u{2078}\u{2079}")
    return "10" + (exponent < 0 ? "\u{207B}" : "")
      + String(abs(exponent)).map { String(digits[$0.wholeNumberValue ?? 0]) }.joined()
  }
}
