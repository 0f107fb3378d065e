import ArgumentParser
import ConvNetFiles

/// `mnist`: LeNet-5 from images to answers. Results go to stdout, everything else to stderr.
///
///     0 done    1 data, model or disk    3 training diverged    64 usage    129, 130, 143 interrupted
@main
struct MNIST: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mnist",
    abstract: "Train LeNet-5 on MNIST and use what it has learned.",
    discussion: """
      EXAMPLES
        mnist train --epochs 5 --model lenet5.safetensors
        mnist evaluate --model lenet5.safetensors
        mnist predict --model lenet5.safetensors digit.png
        mnist report --model lenet5.safetensors
        mnist doctor

      Images are read from --data DIR, else from the folder that MNIST_DIR names, else from the cache (which \
      'mnist download' and 'mnist train' fill), else from Debian's package dataset-fashion-mnist.

      Completions for bash, zsh and fish are printed by 'mnist --generate-completion-script bash'.

      EXIT STATUS
        0 done, 1 data, model or disk, 3 the training diverged, 64 wrong use, 129, 130 or 143 interrupted
      """,
    version: Versions.package,
    subcommands: [
      Train.self, Evaluate.self, Predict.self, Report.self, Summary.self, Download.self, Doctor.self,
    ])

  static func main() {
    ClosedStreams.reserve()
    Interrupts.endAtOnce()
    do {
      requireSubcommand(CommandLine.arguments.dropFirst().first)
      var command = try parseAsRoot()
      try command.run()
    } catch {
      end(after: error)
    }
  }

  /// The parser has suggestions for options, but none for subcommands.
  private static func requireSubcommand(_ word: String?) {
    let names = configuration.subcommands.map {
      $0.configuration.commandName ?? String(describing: $0).lowercased()
    }
    guard let word, !word.hasPrefix("-"), let meant = SimilarName.of(word, among: names), meant != word
    else { return }
    exit(withError: ValidationError("Unknown subcommand '\(word.printable)'. Did you mean '\(meant)'?"))
  }

  /// Says what went wrong, in one line, and ends with the status that belongs to it.
  private static func end(after error: any Error) -> Never {
    switch error {
    case StreamError.closed:
      // The reader has seen enough: as quiet as the death by SIGPIPE that it mostly is.
      exit(withError: ExitCode(141))
    case is ExitCode:
      // What it stands for has been said.
      exit(withError: error)
    case let mistake as ValidationError:
      end(ExitCode.validationFailure, "error: \(mistake.message)")
    case let other as OtherTraining where other.isUsage:
      end(ExitCode.validationFailure, "error: \(other)")
    case is Divergence:
      end(ExitCode(3), "error: \(error)")
    case let interrupted as Interrupted:
      end(ExitCode(128 + interrupted.signal), "\(interrupted)")
    default:
      // Help and usage are the parser's own; whatever it does not know is ours.
      guard exitCode(for: error) == .failure else { exit(withError: error) }
      end(ExitCode.failure, "error: \(error)")
    }
  }

  private static func end(_ status: ExitCode, _ message: String) -> Never {
    StandardStream.error.note(message.printable + "\n")
    exit(withError: status)
  }
}
