import ConvNet
import ConvNetFiles
import Foundation
import Testing

/// The page of `train --report` and `report`, as text and in a browser.
@Suite struct MNISTReportTests {
  private func train(_ data: SmallMNIST, _ options: String...) throws -> CommandProcess {
    try MNISTCommandLine.run(
      ["train", "--data", data.path, "--validation", "100", "--epochs", "2", "--batch-size", "16", "--quiet"]
        + options)
  }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  private func count(_ part: String, in page: String) -> Int { page.components(separatedBy: part).count - 1 }

  /// A trained model with its page.
  private func reported(_ data: SmallMNIST) throws -> String {
    let run = try train(data, "--model", data.file("m.safetensors"), "--report", data.file("r.html"))
    #expect(run.status == 0, "\(run.messages)")
    return try text(data.file("r.html"))
  }

  @Test func thePageHasAllItsParts() throws {
    let data = try SmallMNIST()
    let page = try reported(data)
    for heading in [
      "Learning", "Confusions", "Most confident errors", "Kernels of the first layer",
      "One image, layer by layer", "Layers", "Settings and versions",
    ] { #expect(page.contains(">\(heading)</h2>"), "\(heading)") }
    #expect(count("<svg", in: page) == 2 && count("<polyline", in: page) == 4)
    // Two epochs on two charts, training and validation.
    #expect(count("<circle", in: page) == 8)
    #expect(count("alt=\"Kernel ", in: page) == 6)
    // The image and 6, 6, 16, 16, 1, 1, 1 maps; the last layer has bars.
    let maps = try #require(
      page.components(separatedBy: "id=\"maps\"").last?.components(separatedBy: "</section>").first)
    #expect(count("<img", in: maps) == 48 && count("class=\"bar\"", in: maps) == 10)
    #expect(page.contains("<h1>MNIST</h1>") && page.contains("<td>320</td>"))
    #expect(page.contains("label / predicted") && page.contains("<td>–</td>"))
    for fact in ["training time", "batch size", "OpenBLAS", "libpng", "61,706", "by epoch"] {
      #expect(page.contains(fact), "\(fact)")
    }
    // The numbers of the matrix are those of the test.
    let cells = page.matches(of: #/<td class="(right|wrong|none)" style="--shade:[0-9.]+">(\d+)</td>/#)
    #expect(cells.count == 100 && cells.compactMap { Int($0.output.2) }.reduce(0, +) == SmallMNIST.testCount)
  }

  @Test func thePageIsSelfContained() throws {
    let page = try reported(SmallMNIST())
    for part in ["http:", "https:", "<script", "<link", "@import", "url(", "{{", "}}"] {
      #expect(!page.contains(part), "\(part)")
    }
    #expect(page.matches(of: #/ src="(?!data:image\/png;base64,)/#).isEmpty)
  }

  /// `report` writes the same page as `train --report`, except for the training time.
  @Test func theReportOfAModelFile() throws {
    let data = try SmallMNIST()
    let trained = try reported(data)
    let run = try MNISTCommandLine.run(["report", "--model", data.file("m.safetensors"), "--data", data.path])
    #expect(run.status == 0 && run.output == "report  \(data.file("m.html"))\n", "\(run.messages)")
    let page = try text(data.file("m.html"))
    #expect(
      trained.split(separator: "\n").filter { !$0.contains("training time") } == page.split(separator: "\n"))
    let again = try MNISTCommandLine.run([
      "report", "--model", data.file("m.safetensors"), "--data", data.path, "--threads", "3", "--to",
      data.file("again.html"),
    ])
    #expect(again.status == 0)
    #expect(try text(data.file("again.html")) == page)
  }

  @Test func theReportAsJSON() throws {
    let data = try SmallMNIST()
    let model = data.file("m.safetensors")
    #expect(try train(data, "--model", model).status == 0)
    let run = try MNISTCommandLine.run(["report", "--model", model, "--data", data.path, "--json"])
    let row = try #require(try run.rows().first)
    #expect(Set(row.keys) == ["report", "model", "dataset", "loss", "accuracy", "images"])
    #expect(row["report"] as? String == data.file("m.html") && row["dataset"] as? String == "mnist")
  }

  /// Names with markup, and a model without history, convolutions or softmax.
  @Test func hostileNames_andAModelWithoutHistory() throws {
    let data = try SmallMNIST()
    let model = try Sequential(
      inputShape: [28, 28, 1], layers: [.flatten, .dense(units: 10, name: "<b>&d")])
    var names = (0..<10).map { "c\($0)" }
    names[3] = "<script>alert(1)</script>"
    names[4] = "\"\u{301} onload=\u{301}\"x"
    let path = data.file("hostile.safetensors")
    try ModelFile(model, classNames: names, notes: ["</table>": "<img src=x>"]).write(to: path)
    let run = try MNISTCommandLine.run([
      "report", "--model", path, "--data", data.path, "--to", data.file("h.html"),
    ])
    #expect(run.status == 0, "\(run.messages)")
    let page = try text(data.file("h.html"))
    for part in ["<script", "<b>", "<img src=x", "\"\u{301} onload"] {
      #expect(page.range(of: part, options: .literal) == nil, "\(part)")
    }
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("&lt;/table&gt;"))
    #expect(page.contains("no record of its training") && !page.contains("<svg"))
    // One kernel per output.
    #expect(count("alt=\"Kernel ", in: page) == 10)
  }

  @Test func unusableReportPaths() throws {
    let data = try SmallMNIST()
    let none = try train(data, "--report", data.file("nowhere/r.html"))
    #expect(none.status == 1 && none.output.isEmpty && none.messages.contains("create the folder first"))
    let model = data.file("m.safetensors")
    let same = try train(data, "--model", model, "--report", data.path + "/./m.safetensors")
    #expect(same.status == 64 && same.messages.contains("would replace the model"), "\(same.messages)")
    #expect(try data.otherFiles.isEmpty)
    #expect(try train(data, "--model", model).status == 0)
    let before = try Data(contentsOf: URL(fileURLWithPath: model))
    let over = try MNISTCommandLine.run(["report", "--model", model, "--data", data.path, "--to", model])
    #expect(over.status == 64 && over.messages.contains("would replace the model"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: model)) == before)
    try FileManager.default.createDirectory(
      atPath: data.file("f.html"), withIntermediateDirectories: false)
    let folder = try MNISTCommandLine.run([
      "report", "--model", model, "--data", data.path, "--to", data.file("f.html"),
    ])
    #expect(folder.status == 1 && folder.output.isEmpty)
    for arguments in [["train", "--report", "x.txt"], ["report", "--model", model, "--to", "x.txt"]] {
      let named = try MNISTCommandLine.run(arguments)
      #expect(named.status == 64 && named.messages.contains("must end in .html or .htm"), "\(named.messages)")
    }
  }

  @Test func outputsThatAreNotFinite() throws {
    let data = try SmallMNIST()
    let model = try Sequential(inputShape: [28, 28, 1], layers: [.flatten, .dense(units: 10)])
    // The logit of class 0 underflows, those of the others overflow.
    try model.setParameters((0..<model.parameterCount).map { $0 % 10 == 0 ? -3e38 : 3e38 })
    try ModelFile(model).write(to: data.file("m.safetensors"))
    let run = try MNISTCommandLine.run(["report", "--model", data.file("m.safetensors"), "--data", data.path])
    #expect(run.status == 1 && run.messages.contains("not finite"))
    #expect(try data.otherFiles == ["m.safetensors"])
  }

  /// Needs Chromium (Debian's package `chromium`).
  @Test(.enabled(if: Chromium.executable != nil), arguments: [(390, 844), (1280, 900)])
  func inABrowser(width: Int, height: Int) throws {
    let data = try SmallMNIST()
    let page = try reported(data)
    // The browser reports problems such as refused pictures on the console.
    let shown = try Chromium.open(data.file("r.html"), width: width, height: height, dark: width < 1000)
    #expect(shown.status == 0, "\(shown.messages)")
    #expect(!shown.messages.contains("CONSOLE"), "\(shown.messages)")
    #expect(
      count("<section", in: shown.output) == 7 && count("<img", in: shown.output) == count("<img", in: page))

    // In a frame of that size, since headless browsers have a minimum width.
    let escaped = page.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(
      of: "\"", with: "&quot;")
    let frame = """
      <!DOCTYPE html><meta name="color-scheme" content="light dark">
      <iframe width="\(width)" height="\(height)" style="border: 0" srcdoc="\(escaped)"></iframe>
      <script>addEventListener('load', () => {
        const inside = document.querySelector('iframe').contentDocument, root = document.documentElement.dataset;
        const pictures = [...inside.images];
        root.window = inside.defaultView.innerWidth; root.document = inside.documentElement.scrollWidth;
        root.broken = pictures.filter(p => !(p.complete && p.naturalWidth > 0)).length;
        root.unnamed = inside.querySelectorAll('section:not([aria-labelledby]), img:not([alt])').length;
        root.ground = getComputedStyle(inside.body).backgroundColor;
      })</script>
      """
    try frame.write(toFile: data.file("frame.html"), atomically: false, encoding: .utf8)
    for dark in [false, true] {
      let measured = try Chromium.open(data.file("frame.html"), width: width, height: height, dark: dark)
      let root = try #require(measured.output.firstMatch(of: #/<html[^>]*>/#)?.output)
      #expect(
        root.contains("data-window=\"\(width)\"") && root.contains("data-document=\"\(width)\""), "\(root)")
      #expect(root.contains("data-broken=\"0\"") && root.contains("data-unnamed=\"0\""), "\(root)")
      #expect(root.contains("data-ground=\"rgb(\(dark ? "22, 24, 26" : "252, 252, 250"))\""), "\(root)")
    }
  }
}
