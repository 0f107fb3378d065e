import ConvNetFiles
import DigitImages
import Foundation
import Im2col
import TestSupport
import Testing

/// The JSON of `mnist` has the members and kinds of values of commit 1ea83b6.
@Suite struct MNISTObjectFormatTests {
  private let data: SmallMNIST

  init() throws { data = try SmallMNIST() }

  private func rows(_ arguments: [String], environment: [String: String] = [:]) throws -> [JSON] {
    let run = try MNISTCommandLine.run(arguments, environment: environment)
    #expect(run.status == 0, "\(run.messages)")
    return try JSON.rows(run.output)
  }

  private func expect(
    _ rows: [JSON], as fixture: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    CommandTests.expect(
      rows, like: try CommandFixtures.rows("mnist/\(fixture).jsonl"), sourceLocation: sourceLocation)
  }

  /// A model file, from a run that leaves some confusions.
  private func trained(_ more: String...) throws -> (model: String, rows: [JSON]) {
    let model = data.file("m.safetensors")
    let rows = try rows(CommandFixtures.training("cosine", data: data) + ["--model", model] + more)
    return (model, rows)
  }

  @Test func trainingWithEverything() throws {
    try expect(trained("--report", data.file("report.html")).rows, as: "train-cosine")
  }

  @Test func trainingWithoutValidation() throws {
    try expect(rows(CommandFixtures.training("step", data: data)), as: "train-step")
  }

  @Test func evaluations() throws {
    try expect(rows(["evaluate", "--model", trained().model, "--data", data.path, "--json"]), as: "evaluate")
  }

  /// An image of the test set, one of a file, and a drawing.
  @Test func predictions() throws {
    let model = try trained().model
    let drawing = data.file("digit.png")
    var image = GrayImage(size: Size2D(height: 60, width: 50), pixels: .init(repeating: 240, count: 3000))
    for row in 10..<50 { for column in 0..<6 { image.pixels[row * 50 + 40 - row / 2 + column] = 20 } }
    try Data(image.png()).write(to: URL(fileURLWithPath: drawing))
    let inputs = [
      ["--index", "3", "--data", data.path], ["--index", "3", data.file("t10k-images-idx3-ubyte")], [drawing],
    ]
    try expect(inputs.flatMap { try rows(["predict", "--json", "--model", model] + $0) }, as: "predict")
  }

  /// With one finding that has a remedy, like the fixture.
  @Test func examinations() throws {
    let rows = try rows(
      ["doctor", "--data", data.path, "--json"], environment: ["OPENBLAS_CORETYPE": "Haswell"])
    try expect(rows, as: "doctor")
    func names(_ rows: [JSON]) throws -> [JSON?] {
      guard case .list(let checks)? = rows.first?["checks"] else { return [] }
      return checks.map { $0["name"] }
    }
    #expect(try names(rows) == names(CommandFixtures.rows("mnist/doctor.jsonl")))
  }

  /// Three files exist, and one is downloaded from a local server.
  @Test(.enabled(if: originals != nil, "set MNIST_DIR to the folder with MNIST's four files"))
  func downloads() throws {
    let folder = data.file("digits")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: try #require(originals)) {
      try FileManager.default.copyItem(atPath: "\(originals ?? "")/\(name)", toPath: "\(folder)/\(name)")
    }
    let missing = ["t10k-labels-idx1-ubyte", "t10k-labels-idx1-ubyte.gz"].map { "\(folder)/\($0)" }
    let path = try #require(missing.first { FileManager.default.fileExists(atPath: $0) })
    let server = try LoopbackServer([
      "t10k-labels-idx1-ubyte.gz": .bytes(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    ])
    for path in missing { try? FileManager.default.removeItem(atPath: path) }
    try expect(
      rows(["download", "--to", folder, "--mirror", server.address, "--json", "--quiet"]), as: "download")
  }
}

private let originals = ProcessInfo.processInfo.environment["MNIST_DIR"].flatMap { $0.isEmpty ? nil : $0 }

/// A run appends rows to a log of commit 1ea83b6.
@Suite struct LogFormatTests {
  @Test(arguments: [
    ("cosine", "validation.csv"), ("cosine", "validation.jsonl"), ("step", "plain.csv"),
    ("step", "plain.jsonl"),
  ])
  func aLogIsContinued(training: String, name: String) throws {
    let data = try SmallMNIST()
    let log = data.file(name)
    try FileManager.default.copyItem(atPath: CommandFixtures.path("logs/\(name)"), toPath: log)
    let run = try MNISTCommandLine.run(CommandFixtures.training(training, data: data) + ["--log", log])
    #expect(run.status == 0, "\(run.messages)")
    let before = try CommandFixtures.text("logs/\(name)")
    let whole = try String(contentsOfFile: log, encoding: .utf8)
    #expect(whole.hasPrefix(before))
    let header = name.hasSuffix("csv") ? 1 : 0
    let old = before.split(separator: "\n").map(String.init)
    let new = whole.dropFirst(before.count).split(separator: "\n").map(String.init)
    #expect(old.count == 3 + header && new.count == 3, "no second header")
    for (then, now) in zip(old.dropFirst(header), new) {
      let (then, now) = (cells(then, of: old[0]), cells(now, of: old[0]))
      #expect(then.map(\.column) == now.map(\.column))
      #expect(then.map(\.text.isEmpty) == now.map(\.text.isEmpty))
      for (then, now) in zip(then, now) {
        #expect(now.text.isEmpty || Double(now.text) != nil, "\(now)")
        if ["seed", "epoch", "learning_rate"].contains(now.column) { #expect(then.text == now.text) }
      }
    }

    // A new log has the same header.
    let fresh = data.file("new-\(name)")
    _ = try MNISTCommandLine.run(CommandFixtures.training(training, data: data) + ["--log", fresh])
    let lines = try String(contentsOfFile: fresh, encoding: .utf8).split(separator: "\n").map(String.init)
    #expect(lines.count == old.count && lines.prefix(header) == old.prefix(header))
  }

  /// The cells of a row in either format, in order.
  private func cells(_ row: String, of header: String) -> [(column: String, text: String)] {
    guard row.hasPrefix("{") else {
      return zip(header.split(separator: ","), row.split(separator: ",", omittingEmptySubsequences: false))
        .map { (String($0), String($1)) }
    }
    return row.matches(of: /"([a-z_]+)":([^,}]*)/).map { (String($0.1), String($0.2)) }
  }
}

/// The headers of the written files are those of commit 1ea83b6.
///
/// The fixtures are only the headers of safetensors files: the tensors would take a megabyte each.
@Suite struct CommandHeaderFormatTests {
  private let data: SmallMNIST

  init() throws { data = try SmallMNIST() }

  /// The `__metadata__` strings and the tensors of a file's header.
  private struct Header {
    let metadata: [String: String]
    let tensors: [String: JSON]

    init(_ json: JSON) {
      var members = json.members
      metadata = (members.removeValue(forKey: "__metadata__") ?? .null).members.compactMapValues {
        if case .text(let text) = $0 { text } else { nil }
      }
      tensors = members
    }

    init(file path: String) throws {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      self.init(try JSON(String(decoding: bytes.dropFirst(8).prefix(length), as: UTF8.self)))
    }
  }

  /// Values that depend on time, machine and rounding: of the same kind, with other numbers.
  private static let changing = ["progress", "fingerprint", "versions", "history"]
  private static let digests = ["checkpoint_sha256", "parameters_sha256"]

  private func expect(_ header: Header, as fixture: String) throws {
    let expected = Header(try JSON(CommandFixtures.text("\(fixture).header.json")))
    #expect(header.tensors == expected.tensors)
    #expect(!expected.metadata.isEmpty && header.metadata.keys == expected.metadata.keys)
    for (key, text) in header.metadata {
      let wanted = try #require(expected.metadata[key])
      if Self.digests.contains(key) {
        #expect(text.wholeMatch(of: /[0-9a-f]{64}/) != nil && text.count == wanted.count)
      } else if Self.changing.contains(key) {
        #expect(try JSON(text).isLike(JSON(wanted)), "\(key): \(text)")
      } else if key == "settings" {
        #expect(try settings(text) == settings(wanted))
      } else {
        #expect(text == wanted, "\(key)")
      }
    }
  }

  /// The pairs of name and value, without the default scratch budget.
  private func settings(_ text: String) throws -> [[String]] {
    try JSONDecoder().decode([[String]].self, from: Data(text.utf8))
      .map { $0.first == "the scratch budget" ? [$0[0]] : $0 }
  }

  @Test func models() throws {
    let model = data.file("m.safetensors")
    let run = try MNISTCommandLine.run(CommandFixtures.training("cosine", data: data) + ["--model", model])
    #expect(run.status == 0, "\(run.messages)")
    try expect(Header(file: model), as: "lenet5")
  }

  @Test(arguments: [("cosine", "7", "00000049"), ("step", "5", "00000010")])
  func checkpoints(training: String, every: String, step: String) throws {
    let folder = data.file("run")
    let run = try MNISTCommandLine.run(
      CommandFixtures.training(training, data: data)
        + ["--checkpoint", folder, "--every", every, "--keep", "20"])
    #expect(run.status == 0, "\(run.messages)")
    try expect(Header(file: "\(folder)/step-\(step).safetensors"), as: "checkpoint-\(training)")
  }

  /// On a machine that rounds like that of the fixtures, the runs end with the same bits.
  @Test(
    .enabled(if: roundsAlike, "this machine rounds differently from that of the fixtures"),
    arguments: ["cosine", "step"])
  func bits(training: String) throws {
    let run = try MNISTCommandLine.run(CommandFixtures.training(training, data: data))
    let (rows, expected) = (
      try JSON.rows(run.output), try CommandFixtures.rows("mnist/train-\(training).jsonl")
    )
    #expect(rows.count == 4 && rows.last?["sha256"] == expected.last?["sha256"])
    #expect(rows.map { $0["loss"] } == expected.map { $0["loss"] })
    #expect(rows.map { $0["validation_loss"] } == expected.map { $0["validation_loss"] })
  }

  private static let roundsAlike: Bool = {
    let header = (try? JSON(CommandFixtures.text("checkpoint-step.header.json"))).map { Header($0) }
    guard let text = header?.metadata["fingerprint"], let current = try? ArithmeticFingerprint.current()
    else {
      return false
    }
    return (try? JSONDecoder().decode(ArithmeticFingerprint.self, from: Data(text.utf8))) == current
  }()
}
