import ArgumentParser
import CommandSupport
import Foundation
import Im2col
import Im2colReference

struct CalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Measures every lowering of a list of layers, and how good the automatic choice is.",
    discussion: """
      Times every supporting row of the table of lowerings on one worker and compares the row that is chosen with the \
      fastest one. With --write, stores the times and fits the weights of the cost model to them. Run it in the \
      package's folder.

      EXAMPLES
        bench calibrate --only gray
        bench calibrate --shapes Benchmarks/peers/kinds.json
        bench calibrate --write
        bench calibrate --refit --write
      """)

  static let measured = "Benchmarks/measured/lowerings.jsonl"
  static let weights = "Sources/Im2col/LoweringWeights.swift"
  /// Every fifth problem validates the fit.
  private static let heldOutStep = 5

  @Flag(help: ArgumentHelp("Store the times in \(measured), and the fitted weights in \(weights)."))
  var write = false

  @Flag(help: "Read the stored times instead of measuring: after a change of the terms of the costs.")
  var refit = false

  @Option(help: ArgumentHelp("Time of a row in each of the 7 rounds.", valueName: "seconds"))
  var seconds = 0.004

  @Option(
    help: ArgumentHelp(
      "A JSON list of layers, to check the weights. (default: the layers that are fitted)",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var shapes: String?

  @Option(help: ArgumentHelp("Only problems (NAME/PASS) that contain this text.", valueName: "text"))
  var only: String?

  @Flag(help: "Print one JSON object per line.")
  var json = false

  func validate() throws {
    try MeasuringOptions.requireSeconds(seconds)
    guard only == nil || !write else {
      throw ValidationError("--only excludes --write: weights are fitted to all problems.")
    }
    guard shapes == nil || !(write || refit) else {
      throw ValidationError("--shapes excludes --write and --refit: other layers check the weights.")
    }
  }

  func run() throws {
    if !refit { try ReleaseGuard.requireRelease() }
    try BLAS.requireUsable()
    let problems = try problems()
    guard !problems.isEmpty else { throw ValidationError("No problem contains \"\(only ?? "")\".") }
    let (header, lines) = refit ? try stored(problems) : (self.header.line, measure(problems))

    let text = ([header] + lines.map(\.json.line)).joined(separator: "\n") + "\n"
    let choices = try LoweringMeasurement.read(text).map { try MeasuredChoice($0) }
    let isWhole = only == nil && shapes == nil
    let fitted = isWhole ? LoweringFit.weights(choices) : LoweringWeights.table
    try print(choices, write ? fitted : LoweringWeights.table)
    StandardError.say("compiled:  \(ChoiceQuality(choices, LoweringWeights.table))")
    guard isWhole else { return }
    StandardError.say("fitted:    \(ChoiceQuality(choices, fitted))")
    let (kept, rest) = (choices.filter(\.heldOut), choices.filter { !$0.heldOut })
    StandardError.say("held out:  \(ChoiceQuality(kept, LoweringFit.weights(rest)))")
    guard write else { return }
    try text.write(toFile: Self.measured, atomically: true, encoding: .utf8)
    try LoweringFit.source(fitted).write(toFile: Self.weights, atomically: true, encoding: .utf8)
    StandardError.say("wrote \(Self.measured) and \(Self.weights)")
  }

  // MARK: - Times

  /// The times and terms of a problem.
  private struct Line {
    let name: String
    let json: JSONObject

    init(_ item: CalibrationShapes.Item, _ problem: ConvolutionProblem, index: Int, times: [String: Double]) {
      name = Line.name(item, problem.pass)
      let rows = LoweringTable.rows.filter { times[$0.lowering.rawValue] != nil && $0.supports(problem) }
      func field(_ row: LoweringRow, _ value: JSONValue) -> JSONField {
        JSONField(row.lowering.rawValue, value)
      }
      json = JSONObject(
        [
          JSONField("case", .text(name)), JSONField("layer", .object(item.layer.json)),
          JSONField("pass", .text(problem.pass.rawValue)),
        ] + (item.pooling.map { [JSONField("pooling", .integer($0))] } ?? []) + [
          JSONField("held_out", .flag(index % heldOutStep == heldOutStep - 1)),
          JSONField(
            "ns", .object(JSONObject(rows.map { field($0, .number(times[$0.lowering.rawValue] ?? 0)) }))),
          JSONField("terms", .object(JSONObject(rows.map { field($0, .numbers($0.terms(problem).all)) }))),
        ])
    }

    static func name(_ item: CalibrationShapes.Item, _ pass: ConvolutionProblem.Pass) -> String {
      "\(item.layer.name)/\(pass.rawValue)"
    }
  }

  /// A problem, and its position in the list of all.
  private typealias Entry = (index: Int, item: CalibrationShapes.Item, problem: ConvolutionProblem)

  /// The selected problems in the order of the file.
  private func problems() throws -> [Entry] {
    let items =
      try shapes.map { try LayerShape.read(path: $0).map { CalibrationShapes.Item(layer: $0, pooling: nil) } }
      ?? CalibrationShapes.all
    let all = try items.flatMap { item in
      let geometry = try item.layer.geometry()
      let pooling = try item.pooling.map {
        try WindowGeometry(
          input: geometry.window.output, kernel: Size2D(height: $0, width: $0),
          stride: Size2D(height: $0, width: $0))
      }
      return ConvolutionProblem.Pass.allCases.filter { $0 != .inputGradient || !item.layer.first }.map {
        (item, ConvolutionProblem(geometry, $0, pooling: pooling))
      }
    }
    return all.enumerated().map { ($0, $1.0, $1.1) }.filter { entry in
      only.map { Line.name(entry.item, entry.problem.pass).contains($0) } ?? true
    }
  }

  private func measure(_ problems: [Entry]) -> [Line] {
    MachineHeader.say(threads: IntegerList([1]))
    return problems.enumerated().map { count, entry in
      StandardError.say("\(count + 1) of \(problems.count): \(Line.name(entry.item, entry.problem.pass))")
      let times = CalibrationRun(problem: entry.problem, seconds: seconds).nanoseconds()
      return Line(
        entry.item, entry.problem, index: entry.index,
        times: Dictionary(uniqueKeysWithValues: times.map { ($0.lowering.rawValue, $0.nanoseconds) }))
    }
  }

  /// Returns the header and the times of the stored file, with the terms of the table.
  private func stored(_ problems: [Entry]) throws -> (header: String, lines: [Line]) {
    let text = try String(contentsOfFile: Self.measured, encoding: .utf8)
    let known = try LoweringMeasurement.read(text)
    let times = Dictionary(uniqueKeysWithValues: known.map { ($0.name, $0.nanoseconds) })
    let lines = try problems.map { entry in
      let name = Line.name(entry.item, entry.problem.pass)
      guard let times = times[name] else {
        throw ValidationError("\(Self.measured) has no \(name); measure again, without --refit.")
      }
      return Line(entry.item, entry.problem, index: entry.index, times: times)
    }
    return (String(text.prefix { $0 != "\n" }), lines)
  }

  private var header: JSONObject {
    JSONObject([
      JSONField(
        "header",
        .object(
          JSONObject([
            JSONField("command", .text("bench calibrate --write --seconds \(seconds)")),
            JSONField("cpu", .text(Processor.current.name)),
            JSONField("cores", .integer(Workers.availableCores)), JSONField("openblas", .text(BLAS.version)),
            JSONField("kernels", .text(Processor.kernelLevel)),
            JSONField("version", .text(PackageVersion.text)),
            JSONField("date", .text(Date.now.formatted(.iso8601.year().month().day()))),
          ])))
    ])
  }

  // MARK: - Table

  private func print(_ choices: [MeasuredChoice], _ weights: LoweringFit.Weights) throws {
    let table = AlignedTable(
      first: "problem", names: choices.map(\.name),
      columns: [("chosen", 10), ("best", 10), ("best us", 9), ("ratio", 6)])
    if !json { try table.head() }
    for choice in choices {
      guard let chosen = choice.chosen(weights), let best = choice.best else { continue }
      if json {
        try StandardOutput.say(
          JSONObject([
            JSONField("case", .text(choice.name)), JSONField("lowering", .text(chosen.lowering.rawValue)),
            JSONField("fastest_lowering", .text(best.lowering.rawValue)),
            JSONField("ratio", .number(choice.loss(weights))),
            JSONField(
              "ns", .object(JSONObject(choice.rows.map { JSONField($0.name, .number($0.nanoseconds)) }))),
            JSONField(
              "terms", .object(JSONObject(choice.rows.map { JSONField($0.name, .numbers($0.terms)) }))),
          ]).line)
        continue
      }
      try table.line(
        choice.name,
        [
          chosen.lowering.rawValue, best.lowering.rawValue, fixed(best.nanoseconds * 1e-3, 1),
          fixed(choice.loss(weights), 2),
        ])
    }
  }
}
