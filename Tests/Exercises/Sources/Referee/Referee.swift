/// Compares answers with the numbers of the package, and explains the first wrong one.
public enum Referee {
  /// What became of one exercise.
  public enum Verdict: Sendable, Equatable {
    case correct
    /// The function still throws `Hole`.
    case unsolved
    /// The first wrong number, and its likely cause if it is a usual mistake.
    case wrong(String)
  }

  /// The names of the exercises, in order.
  public static var names: [String] { Exercise.all.map(\.name) }

  /// Judges all exercises.
  ///
  /// - Throws: errors of the package, which computes the expected numbers.
  public static func judge(_ answers: Answers) throws -> [(name: String, verdict: Verdict)] {
    try Exercise.all.map { ($0.name, try judge($0, answers)) }
  }

  /// Judges the exercise of a name.
  public static func verdict(on name: String, _ answers: Answers) throws -> Verdict? {
    try Exercise.all.first { $0.name == name }.map { try judge($0, answers) }
  }

  /// The causes of the usual mistakes by exercise.
  public static func causes(of name: String) throws -> [String] {
    let exercise = Exercise.all.first { $0.name == name }
    var causes: [String] = []
    for mistake in try exercise?.cases().flatMap(\.mistakes) ?? [] where !causes.contains(mistake.cause) {
      causes.append(mistake.cause)
    }
    return causes
  }

  private static func judge(_ exercise: Exercise, _ answers: Answers) throws -> Verdict {
    for check in try exercise.cases() {
      let answer: Numbers
      do {
        answer = try check.answer(answers)
      } catch is Hole {
        return .unsolved
      }
      if let message = check.complaint(about: answer) { return .wrong(message) }
    }
    return .correct
  }
}

/// An exercise: its cases are computed when it is judged.
struct Exercise: Sendable {
  let name: String
  let cases: @Sendable () throws -> [Check]

  static let all: [Exercise] = [
    .outputSize, .convolution, .im2col, .col2im, .kernelGradient, .biasGradient, .inputGradient,
    .poolingGradient,
    .crossEntropy, .adam, .measuredGradient, .trainingStep,
  ]
}

/// One call of an answer.
struct Check {
  /// What the numbers are: `input gradient`.
  let quantity: String
  let expected: Numbers
  /// The largest error relative to the largest expected number: 0 for integers.
  var tolerance = 0.0
  let answer: (Answers) throws -> Numbers
  let mistakes: [Mistake]

  /// A usual mistake: its cause, and the numbers that it gives; nil where it does not apply.
  struct Mistake {
    let cause: String
    let result: Numbers?

    init(_ cause: String, _ result: Numbers?) { (self.cause, self.result) = (cause, result) }
  }

  /// What is wrong with an answer, nil if nothing is.
  func complaint(about answer: Numbers) -> String? {
    guard !agree(answer, expected) else { return nil }
    let cause = mistakes.first { $0.result.map { agree(answer, $0) } == true }?.cause
    let hint =
      cause.map { ": " + $0 } ?? "; no usual mistake gives these numbers, so compute this one by hand"
    guard answer.shape == expected.shape else {
      return "the shape of the \(quantity): yours \(answer.shape), expected \(expected.shape)\(hint)"
    }
    let index = answer.values.indices.first { !isClose(answer.values[$0], expected.values[$0]) } ?? 0
    let position = expected.shape.isEmpty ? "" : " \(expected.position(of: index))"
    return "\(quantity)\(position): yours \(answer.values[index]), expected \(expected.values[index])\(hint)"
  }

  private func agree(_ one: Numbers, _ other: Numbers) -> Bool {
    one.shape == other.shape && zip(one.values, other.values).allSatisfy(isClose)
  }

  private func isClose(_ one: Double, _ other: Double) -> Bool {
    if one.isNaN || other.isNaN { return one.isNaN && other.isNaN }
    let largest = expected.values.map(\.magnitude).filter(\.isFinite).max() ?? 0
    return one == other || (one - other).magnitude <= tolerance * max(largest, 1e-30)
  }
}
