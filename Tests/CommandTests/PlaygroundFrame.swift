import Foundation
import TestSupport
import Testing

/// The playground in a frame of a given size, in a headless browser.
enum PlaygroundFrame {
  /// Loads a page into a frame and runs a script beside it.
  ///
  /// The script finds the document in `inside` and may use
  ///
  ///     all(selector)            the elements
  ///     press(element, key)      a key, as the keyboard sends it
  ///     point(element, x, y)     a click at a fraction of an element's width and height
  ///     wait(milliseconds)       to be awaited
  ///     out                      an object of strings, which is returned
  ///
  /// - Parameter attributes: further attributes of the frame.
  static func run(
    _ page: String, width: Int = 1280, height: Int = 900, dark: Bool = false, flags: String = "",
    attributes: String = "",
    _ script: String
  ) throws -> [String: String] {
    let escaped = page.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(
      of: "\"", with: "&quot;")
    let document = """
      <!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark">
      <iframe width="\(width)" height="\(height)" style="border: 0" \(attributes) srcdoc="\(escaped)"></iframe>
      <pre id="out"></pre>
      <script>addEventListener('load', async () => {
        const inside = document.querySelector('iframe').contentDocument, view = inside.defaultView, out = {};
        const all = (selector) => [...inside.querySelectorAll(selector)];
        const press = (element, key) => {
          element.focus();
          element.dispatchEvent(new view.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        };
        const point = (element, x, y) => {
          const area = element.getBoundingClientRect();
          const at = { clientX: area.left + x * area.width, clientY: area.top + y * area.height, bubbles: true };
          element.dispatchEvent(new view.MouseEvent('click', at));
        };
        const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
        view.addEventListener('error', (event) => { out.error = event.message; });
        try { await wait(100); \(script) } catch (error) { out.error = String(error.stack); }
        document.getElementById('out').textContent = btoa(unescape(encodeURIComponent(JSON.stringify(out))));
      })</script>
      """
    let folder = try TemporaryFolder()
    let path = folder.file("frame.html")
    try document.write(toFile: path, atomically: false, encoding: .utf8)
    let shown = try Chromium.open(
      path, width: max(width, 800), height: height, dark: dark, flags: flags + " --virtual-time-budget=20000")
    let console = shown.messages.split(separator: "\n").filter { $0.contains("CONSOLE") }
    // A frame without scripts reports that it blocked them.
    #expect(shown.status == 0 && console.allSatisfy { $0.contains("sandboxed") }, "\(console)")
    let text = try #require(shown.output.firstMatch(of: #/<pre id="out">([^<]*)</#)?.1)
    let json = try #require(Data(base64Encoded: String(text)))
    let out = try JSONDecoder().decode([String: String].self, from: json)
    #expect(out["error"] == nil, "\(out["error"] ?? "")")
    return out
  }
}
