import ConvNet
import Foundation
import Im2col
import Referee
import Solutions
import Testing

/// The referee of the exercises: solutions pass, holes are named, and each usual mistake gets its own hint.
@Suite struct RefereeTests {
  @Test func theSolutionsPass() throws {
    let verdicts = try Referee.judge(Solutions.answers)
    #expect(verdicts.count == 12)
    for (name, verdict) in verdicts { #expect(verdict == .correct, "\(name)") }
  }

  @Test(arguments: WrongAnswer.all)
  func aUsualMistakeGetsItsHint(wrong: WrongAnswer) throws {
    let verdict = try #require(try Referee.verdict(on: wrong.exercise, wrong.answers))
    guard case .wrong(let message) = verdict else {
      Issue.record("\(wrong.exercise) passed, expected the hint \(wrong.hint)")
      return
    }
    #expect(message.contains(wrong.hint), "\(message)")
    #expect(message.contains("yours ") && message.contains("expected "), "\(message)")
  }

  @Test func theWrongAnswersCoverAllExercises() {
    #expect(Set(WrongAnswer.all.map(\.exercise)) == Set(Referee.names))
    #expect(
      WrongAnswer.all.count >= 10
        && Set(WrongAnswer.all.map { $0.exercise + $0.hint }).count == WrongAnswer.all.count)
  }

  /// The article says that there are about seventy.
  @Test func everyExerciseHasHintsOfItsOwn() throws {
    let counts = try Referee.names.map { try Referee.causes(of: $0).count }
    for (name, count) in zip(Referee.names, counts) { #expect(count >= 4, "\(name)") }
    #expect((65...75).contains(counts.reduce(0, +)), "\(counts)")
  }

  @Test func theMessageNamesTheFirstWrongNumber() throws {
    var answers = Solutions.answers
    answers.inputGradient = { g, w, image, stride, padding in
      var gradient = inputGradient(of: g, kernel: w, image: image, stride: stride, padding: padding)
      gradient[0, 3, 1] += 0.25
      gradient[2, 0, 0] += 1
      return gradient
    }
    guard case .wrong(let message) = try Referee.verdict(on: "input gradient", answers) else {
      Issue.record("it passed")
      return
    }
    #expect(
      message.contains(
        #/^input gradient \[0, 3, 1\]: yours -?[0-9]+\.25|^input gradient \[0, 3, 1\]: yours -?[0-9]+\.75/#)
        && message.contains("no usual mistake"), "\(message)")
  }

  @Test func wrongShapesNaNsAndHoles() throws {
    var answers = Solutions.answers
    answers.biasGradient = { _ in Numbers(zeros: [2]) }
    answers.kernelGradient = { g, x, kernel, stride, padding in
      var gradient = kernelGradient(
        of: g, input: x, kernel: kernel, stride: stride, padding: padding)
      gradient[1, 0, 0, 0] = .nan
      return gradient
    }
    answers.adam = { _, _, _ in throw Hole() }
    #expect(
      try Referee.verdict(on: "bias gradient", answers)
        == .wrong(
          "the shape of the bias gradient: yours [2], expected [4]; no usual mistake gives these numbers, so compute this one by hand"
        ))
    guard case .wrong(let message) = try Referee.verdict(on: "kernel gradient", answers) else {
      Issue.record("NaN passed")
      return
    }
    #expect(message.hasPrefix("kernel gradient [1, 0, 0, 0]: yours nan, expected "), "\(message)")
    #expect(try Referee.verdict(on: "Adam", answers) == .unsolved)
    #expect(try Referee.verdict(on: "no such exercise", answers) == nil)
  }

  /// The referee's Adam is that of the package: the bias of a dense layer, whose gradient the package returns.
  @Test func adamIsThatOfThePackage() throws {
    let model = try Sequential(inputShape: [2], layers: [.dense(units: 3)], seed: 1)
    try model.compile(optimizer: .adam(learningRate: 0.01))
    let (x, y) = (
      try Tensor(shape: [1, 2], scalars: [1, -2]), try Tensor(shape: [1, 3], scalars: [0, 1, 0])
    )
    func numbers(_ scalars: [Float]) -> Numbers {
      Numbers(shape: [scalars.count], values: scalars.map(Double.init))
    }
    var state = AdamState(
      w: numbers(model.parameters), m: Numbers(zeros: [9]), v: Numbers(zeros: [9]), t: 0)
    for update in 1...3 {
      state = adam(state, gradient: numbers(try model.gradients(x, y).gradients), rate: 0.01)
      try model.trainOnBatch(x, y)
      for (own, package) in zip(state.w.values, model.parameters) {
        #expect(abs(own - Double(package)) < 1e-6, "update \(update)")
      }
      // Further updates begin at the same numbers.
      state.w = numbers(model.parameters)
    }
  }

  /// The package of the exercises has every hole, and its declarations fit the referee.
  @Test func theHolesAreThere() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Exercises/Sources/Exercises/Answers.swift")
    let source = try String(contentsOf: file, encoding: .utf8)
    #expect(source.components(separatedBy: "throw Hole()\n}").count - 1 == Referee.names.count)
  }
}
