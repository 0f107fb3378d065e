import Foundation
import Referee

/// Judges the answers, and prints one line for each exercise.
@main
struct Main {
  static func main() throws {
    let answers = Answers(
      outputSize: outputSize, convolution: convolution, im2col: im2col, col2im: col2im,
      kernelGradient: kernelGradient,
      biasGradient: biasGradient, inputGradient: inputGradient, poolingGradient: poolingGradient,
      crossEntropy: crossEntropy, adam: adam, measuredGradient: measuredGradient, trainingStep: trainingStep)
    let verdicts = try Referee.judge(answers)
    for (number, (name, verdict)) in verdicts.enumerated() {
      let text =
        switch verdict {
        case .correct: "correct"
        case .unsolved: "a hole: fill it in Sources/Exercises/Answers.swift"
        case .wrong(let message): message
        }
      print("\(number + 1). \(name): \(text)")
    }
    let correct = verdicts.filter { $0.verdict == .correct }.count
    print("\(correct) of \(verdicts.count) correct")
    exit(correct == verdicts.count ? 0 : 1)
  }
}
