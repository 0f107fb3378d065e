import Foundation
import TestSupport
import mnist

/// Runs parts of the playground's script in a headless browser.
enum PlaygroundScript {
  /// The values that the script reported with `report(name, numbers)`, as Float32.
  ///
  /// - Parameters:
  ///   - parts: the names of the script's parts to load.
  ///   - data: JSON that the body finds in `data`.
  ///   - body: JavaScript.
  static func run(_ parts: [String], data: String, body: String) throws -> [String: [Float]] {
    let folder = try TemporaryFolder()
    let page = """
      <!DOCTYPE html><meta charset="utf-8"><pre id="out"></pre>
      <script>\(parts.map { PlaygroundSources.script(named: $0) }.joined(separator: "\n"))</script>
      <script type="application/json" id="data">\(data)</script>
      <script>
      const data = JSON.parse(document.getElementById("data").textContent), lines = [];
      const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      function report(name, numbers) {
        const bytes = new Uint8Array(Float32Array.from(numbers).buffer), parts = [];
        for (let first = 0; first < bytes.length; first += 8192) {
          parts.push(String.fromCharCode(...bytes.subarray(first, first + 8192)));
        }
        lines.push(name + " " + btoa(parts.join("")));
      }
      try { \(body) } catch (error) { lines.push("error " + btoa(String(error.stack))); }
      document.getElementById("out").textContent = lines.join("\\n");
      </script>
      """
    let path = folder.file("script.html")
    try page.write(toFile: path, atomically: false, encoding: .utf8)
    let shown = try Chromium.open(path, width: 800, height: 600, dark: false)
    guard shown.status == 0 else { throw Failure(description: shown.messages) }
    var values: [String: [Float]] = [:]
    // A few lines of up to a megabyte: bytes are split faster than characters.
    let output = Data(shown.output.utf8)
    let start = output.range(of: Data("<pre id=\"out\">".utf8))?.upperBound ?? output.startIndex
    let end = output.range(of: Data("</pre>".utf8))?.lowerBound ?? start
    for line in output[start..<end].split(separator: UInt8(ascii: "\n")) {
      let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
      let bytes = parts.count == 2 ? Data(base64Encoded: parts[1]) ?? Data() : Data()
      let name = String(decoding: parts[0], as: UTF8.self)
      if name == "error" { throw Failure(description: String(decoding: bytes, as: UTF8.self)) }
      values[name] = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }
    return values
  }

  struct Failure: Error, CustomStringConvertible { let description: String }
}

/// Drawings made of random strokes.
struct RandomDrawing {
  let height, width: Int
  private(set) var pixels: [UInt8]

  /// A few thick lines of light ink on a dark, noisy background, or the inverse.
  init(seed: UInt32, height: Int, width: Int, isDarkOnLight: Bool = false, noise: Int = 0) {
    (self.height, self.width) = (height, width)
    var state = seed &* 2_654_435_761 &+ 12_345
    func random(_ limit: Int) -> Int {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Int(state >> 8) % max(limit, 1)
    }
    var strengths = (0..<height * width).map { _ in random(noise + 1) }
    let radius = Double(min(height, width)) / 16
    var from = (Double(height / 4 + random(height / 2)), Double(width / 4 + random(width / 2)))
    for _ in 0..<3 {
      let to = (Double(height / 6 + random(2 * height / 3)), Double(width / 6 + random(2 * width / 3)))
      let strength = 150 + random(106)
      for row in 0..<height {
        for column in 0..<width {
          let (dy, dx) = (to.0 - from.0, to.1 - from.1)
          let (y, x) = (Double(row) - from.0, Double(column) - from.1)
          let along = min(max((y * dy + x * dx) / max(dy * dy + dx * dx, 1e-9), 0), 1)
          let distance = ((y - along * dy) * (y - along * dy) + (x - along * dx) * (x - along * dx))
            .squareRoot()
          let ink = Int(Double(strength) * min(max(radius + 0.5 - distance, 0), 1))
          let index = row * width + column
          strengths[index] = max(strengths[index], ink)
        }
      }
      from = to
    }
    pixels = strengths.map { UInt8(isDarkOnLight ? 255 - min($0, 255) : min($0, 255)) }
  }
}
