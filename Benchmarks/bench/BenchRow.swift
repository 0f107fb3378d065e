/// The measurement of one case with one number of workers.
struct BenchRow {
  let name: String
  let threads: Int
  let seconds: Double
  let gflops: Double
  /// The GFLOP/s of sgemm on large squares with as many workers at about the same time.
  let ceiling: Double
  let imagesPerSecond: Double?
  let predictedSeconds: Double?
  let plan: CasePlan
  let configuration: [JSONField]

  var fractionOfSgemm: Double { gflops / ceiling }

  /// The row for `--json`.
  var json: JSONObject {
    var row = JSONObject([JSONField("case", .text(name))])
    func add(_ name: String, _ value: JSONValue?) {
      if let value { row.fields.append(JSONField(name, value)) }
    }
    add("images_per_second", imagesPerSecond.map { .number($0) })
    add("gflops", .number(gflops))
    add("fraction_of_sgemm", .number(fractionOfSgemm))
    add("threads", .integer(threads))
    add("scratch_bytes", plan.scratchBytes.map { .integer($0) })
    add("prepared_bytes", plan.preparedBytes.map { .integer($0) })
    add("lowering", plan.lowering.map { .text($0) })
    add("kernel_gradient_lowering", plan.kernelGradientLowering.map { .text($0) })
    add("milliseconds", .number(seconds * 1e3))
    add("predicted_milliseconds", predictedSeconds.map { .number($0 * 1e3) })
    row.fields += configuration
    return row
  }
}

/// The rate of a case with more workers, compared with the first number of workers.
struct ScalingRow {
  let name: String
  let base: BenchRow
  let other: BenchRow

  /// The ratio of the rates.
  var ratio: Double { other.gflops / base.gflops }
  /// The ratio of the rates of sgemm on large squares.
  var sgemmRatio: Double { other.ceiling / base.ceiling }

  var json: JSONObject {
    JSONObject([
      JSONField("scaling", .text(name)), JSONField("base_threads", .integer(base.threads)),
      JSONField("threads", .integer(other.threads)),
      JSONField("ratio", .number(ratio)), JSONField("sgemm_ratio", .number(sgemmRatio)),
    ])
  }
}
