import Foundation
import Testing

/// Usage errors exit with 64 and invalid files with 1; both print a message and no row.
@Suite struct BenchUsageTests {
  @Test(arguments: [
    ["layers", "--threads", "0"], ["layers", "--threads", "65"], ["layers", "--threads", "two"],
    ["layers", "--threads", "1,1"], ["layers", "--threads", ""], ["layers", "--seconds", "-1"],
    ["layers", "--seconds", "nan"], ["layers", "--scratch", "100"], ["layers", "--lowering", "fft"],
    ["layers", "--only", "nosuchlayer", "--check"], ["layers", "--only", "", "--check"],
    ["lenet", "--batches", "0"],
    ["lenet", "--batches", "1,,2"], ["lenet", "--batches", "9999999999999999999999"],
    ["gemm", "--scratch", "-4"], ["layers", "--nosuchoption"], ["nosuchcommand"],
    ["profile", "--batches", "0"],
    ["profile", "--batch", "0"], ["profile", "--threads", "65"], ["profile", "--seconds", "-1"],
    ["calibrate", "--seconds", "-1"], ["calibrate", "--only", "x", "--write"],
    ["calibrate", "--shapes", "x", "--write"], ["calibrate", "--shapes", "x", "--refit"],
    ["alexnet", "--check", "--memory", "--batches", "1"], ["alexnet", "--check", "--profile"],
    ["nets", "--only", "nosuchnet"], ["nets", "--only", ""], ["nets", "--batches", "257"],
    ["nets", "--profile", "--profile-prediction"], ["nets", "--check", "--profile"],
  ])
  func usageErrors(arguments: [String]) throws {
    let bench = try BenchProcess(arguments)
    #expect(bench.status == 64, "\(arguments)")
    #expect(bench.output.isEmpty)
    #expect(bench.messages.contains("Error:"))
  }

  @Test(arguments: [
    ("", "not a JSON list"), ("{}", "not a JSON list"), ("[", "not a JSON list"), ("[]", "is empty"),
    ("[3]", "layer 0"), (#"[{"batch": 1}]"#, #""name" is missing"#),
    (layer(#""batch": 0"#), #"layer "x": "batch" is 0"#),
    (layer(#""batch": -2"#), #"layer "x": "batch" is -2"#),
    (layer(#""batch": 1.5"#), #"layer "x": "batch" is 1.5"#),
    (layer(#""batch": true"#), #"layer "x": "batch" is"#),
    (layer(#""batch": "3""#), #"layer "x": "batch" is 3"#),
    (layer(#""batch": 1e30"#), #"layer "x": "batch" is"#),
    (layer(#""batch": 99999999999"#), #"layer "x""#),
    (layer(#""batch": 100000, "in": 100000, "out": 100000"#), #"layer "x""#),
    (layer(#""batch": 1000000000"#), "this machine has"),
    (layer(#""height": 0"#), #"layer "x": the image's height is 0"#),
    (layer(#""kernel": [9, 9]"#), #"layer "x": a window that spans 9"#),
    (layer(#""kernel": [3]"#), #"layer "x": "kernel" is"#),
    (layer(#""kernel": [3, null]"#), #"layer "x": "kernel" is"#),
    (layer(#""kernel": 3"#), #"layer "x": "kernel" is 3"#),
    (layer(#""stride": [0, 1]"#), #"layer "x": the stride's height is 0"#),
    (layer(#""padding": [-1, 0]"#), #"layer "x": the padding at the top is -1"#),
    (layer(#""dilation": [9223372036854775807, 1]"#), #"layer "x""#),
    (layer(#""groups": 0"#), #"layer "x": "groups" is 0"#),
    (layer(#""groups": 3"#), #"layer "x": 3 groups do not divide the 4"#),
    (layer(#""first": 1"#), #"layer "x": "first" is 1"#),
    (layer(#""dilations": [2, 2]"#), #"the field "dilations" is unknown"#),
    (layer(#""name": "a/b""#), #"layer "a/b": "name""#),
    ("[" + one + ", " + one + "]", #"two layers are named "x""#),
  ])
  func invalidShapes(text: String, message: String) throws {
    let shapes = try ShapesFixture(text)
    let bench = try BenchProcess(["layers", "--check", "--shapes", shapes.url.path])
    #expect(bench.status == 1, "\(text)")
    #expect(bench.output.isEmpty)
    #expect(bench.messages.contains(message), "\(text) gave \(bench.messages)")
  }

  @Test func helpListsValuesOnceAndHidesOldNames() throws {
    let layers = try BenchProcess(["layers", "--help"])
    #expect(layers.output.components(separatedBy: "winograd4").count == 2, "\(layers.output)")
    let profile = try BenchProcess(["profile", "--help"])
    #expect(profile.output.contains("--batches <numbers>"), "\(profile.output)")
    #expect(!profile.output.contains("--batch <"), "\(profile.output)")
  }

  @Test func aMissingShapesFile() throws {
    for path in ["/nosuchfolder/shapes.json", "/"] {
      let bench = try BenchProcess(["gemm", "--check", "--shapes", path])
      #expect(bench.status == 1)
      #expect(bench.messages.contains("cannot read the shapes file \(path)"), "\(bench.messages)")
      #expect(!bench.messages.contains("Cocoa"), "\(bench.messages)")
    }
  }

  /// A layer with valid fields, some of them replaced.
  static func layer(_ fields: String) -> String {
    var parts = [
      "name": #""x""#, "batch": "2", "height": "5", "width": "6", "kernel": "[3, 3]", "in": "4", "out": "4",
    ]
    for name in parts.keys where fields.contains("\"\(name)\":") { parts[name] = nil }
    return "[{" + parts.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value), " }.joined() + fields
      + "}]"
  }

  static let one = #"{"name": "x", "batch": 1, "height": 3, "width": 3, "kernel": [1, 1], "in": 1, "out": 1}"#
}
