import ConvNet
import ConvNetFiles
import Foundation
import Testing
import mnist

/// `mnist playground` and `mnist train --playground`: the file and the refusals.
@Suite struct MNISTPlaygroundTests {
  private func playground(_ data: SmallMNIST, _ options: String...) throws -> CommandProcess {
    try MNISTCommandLine.run(["playground", "--data", data.path] + options)
  }

  /// An untrained model in a file of the data's folder.
  private func save(
    _ layers: [Block], input: [Int] = [28, 28, 1], classNames: [String]? = nil, to path: String
  ) throws {
    try ModelFile(Sequential(inputShape: input, layers: layers), classNames: classNames).write(to: path)
  }

  @Test func thePageIsSelfContainedAndSmall() throws {
    let data = try SmallMNIST()
    let model = data.file("m.safetensors")
    try save(LeNet5.layers(), to: model)
    let run = try playground(data, "--model", model, "--to", data.file("p.html"))
    #expect(run.status == 0 && run.output == "playground  \(data.file("p.html"))\n", "\(run.messages)")
    let page = try String(contentsOfFile: data.file("p.html"), encoding: .utf8)
    #expect((400_000...600_000).contains(page.utf8.count), "\(page.utf8.count) bytes")
    for part in [
      "http:", "https:", "<link", "@import", "url(", "{{", "fetch(", "XMLHttpRequest", "eval(",
    ] {
      let isAbsent = !page.contains(part)
      #expect(isAbsent, "\(part)")
    }
    #expect(page.matches(of: #/ src="(?!data:image\/png;base64,)/#).isEmpty)
    // Only this script may run.
    let policy = try #require(page.firstMatch(of: #/Content-Security-Policy" content="([^"]*)"/#)?.1)
    #expect(
      policy.hasPrefix("default-src 'none'; ")
        && policy.contains(#/script-src 'sha256-[A-Za-z0-9+\/]{43}='$/#))
    #expect(page.matches(of: #/<script/#).count == 2)
    // The same model and data give the same page, under `--json` with its size.
    let again = try playground(data, "--model", model, "--to", data.file("q.html"), "--json", "--quiet")
    let row = try #require(try again.rows().first)
    #expect(
      Set(row.keys) == ["playground", "model", "dataset", "bytes"] && row["bytes"] as? Int == page.utf8.count)
    #expect(try String(contentsOfFile: data.file("q.html"), encoding: .utf8) == page)
  }

  @Test func hostileNames() throws {
    let data = try SmallMNIST()
    var names = (0..<10).map { "c\($0)" }
    names[3] = "</script><script>alert(1)</script>"
    names[4] = "\"\u{301}<!--<script>"
    let model = data.file("m.safetensors")
    try save([.flatten, .dense(units: 10, name: "<b>&d")], classNames: names, to: model)
    let run = try playground(data, "--model", model, "--to", data.file("p.html"))
    #expect(run.status == 0, "\(run.messages)")
    let page = try String(contentsOfFile: data.file("p.html"), encoding: .utf8)
    #expect(page.matches(of: #/<script/#).count == 2 && page.matches(of: #/<\/script/#).count == 2)
    #expect(!page.contains("<b>") && !page.contains("<!--") && page.contains(#"\u003cscript>alert(1)"#))
  }

  @Test func modelsThatAreRefused() throws {
    let data = try SmallMNIST()
    let model = data.file("m.safetensors")
    let ten = Block.dense(units: 10, activation: .softmax)
    let cases: [(layers: [Block], input: [Int], words: [String])] = [
      (
        [.flatten, .dense(units: 300), ten], [28, 28, 1],
        ["1,2", "238,510 parameters", "at most 600,000", "use a smaller model"]
      ),
      (
        [.convolution(filters: 100, kernel: 1), .averagePooling(window: 28), .flatten, ten], [28, 28, 1],
        ["outputs", "at most 65,536"]
      ),
      ([.flatten, ten], [27, 28, 1], ["27 x 28 x 1"]),
      (
        [.responseNormalization(name: "lrn"), .flatten, ten], [28, 28, 1],
        ["layer lrn", "normalizes across channels"]
      ),
      (
        [.flatten, .dense(units: 9, activation: .softmax, name: "early"), ten], [28, 28, 1],
        ["layer early", "softmax"]
      ),
      ([.flatten, .dense(units: 7, activation: .softmax)], [28, 28, 1], ["7 classes", "10"]),
    ]
    for (layers, input, words) in cases {
      try save(layers, input: input, to: model)
      let run = try playground(data, "--model", model, "--to", data.file("p.html"))
      #expect(
        run.status == 1 && run.output.isEmpty && words.allSatisfy(run.messages.contains), "\(run.messages)")
      #expect(try data.otherFiles == ["m.safetensors"])
    }
  }

  @Test func unusablePaths() throws {
    let data = try SmallMNIST()
    let model = data.file("m.safetensors")
    try save(LeNet5.layers(), to: model)
    let none = try playground(data, "--model", model, "--to", data.file("nowhere/p.html"))
    #expect(none.status == 1 && none.messages.contains("create the folder first"), "\(none.messages)")
    for options in [["--to", "p.txt"], ["--to", model], ["--to", ""]] {
      let run = try MNISTCommandLine.run(["playground", "--model", model, "--data", data.path] + options)
      #expect(run.status == 64 && run.output.isEmpty, "\(run.messages)")
    }
    for options in [
      ["--playground", "p.txt"], ["--playground", "r.html", "--report", "r.html"], ["--playground", ""],
    ] {
      let run = try MNISTCommandLine.run(["train", "--data", data.path] + options)
      #expect(run.status == 64 && run.output.isEmpty, "\(run.messages)")
    }
  }

  /// `train` writes the page that `playground` writes, and names it in its results.
  @Test func trainingWritesTheSamePage() throws {
    let data = try SmallMNIST()
    let run = try MNISTCommandLine.run([
      "train", "--data", data.path, "--validation", "0", "--epochs", "1", "--quiet", "--json", "--model",
      data.file("m.safetensors"), "--playground", data.file("p.html"),
    ])
    #expect(run.status == 0, "\(run.messages)")
    #expect(try run.rows().last?["playground"] as? String == data.file("p.html"))
    #expect(
      try playground(data, "--model", data.file("m.safetensors"), "--to", data.file("q.html")).status == 0)
    #expect(
      try String(contentsOfFile: data.file("p.html"), encoding: .utf8)
        == String(contentsOfFile: data.file("q.html"), encoding: .utf8))
  }
}
