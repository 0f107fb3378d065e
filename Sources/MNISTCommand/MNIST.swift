import ArgumentParser
import CommandSupport
import ConvNetFiles
import Glibc

/// `mnist`: trains LeNet-5 and uses the trained model. Results go to stdout, everything else to stderr.
///
///     0 success    1 data, model or disk    3 training diverged    64 usage
///     129, 130, 138, 140, 143, 152 interrupted    141 closed pipe
@main
struct MNIST: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mnist",
    abstract: "Train LeNet-5 on MNIST and use the trained model.",
    discussion: """
      EXAMPLES
        mnist train --model lenet5.safetensors
        mnist evaluate --model lenet5.safetensors
        mnist predict --model lenet5.safetensors digit.png
        mnist report --model lenet5.safetensors
        mnist playground --model lenet5.safetensors --to playground.html
        mnist doctor

      Images are read from --data DIR or, without it, from the folder named by MNIST_DIR; no other folder is \
      searched then. If neither is given, they are read from the cache, which 'mnist download' and 'mnist train' \
      fill, or else from Debian's package dataset-fashion-mnist. With --dataset, MNIST_DIR is used only if it has \
      that data set.

      'mnist --generate-completion-script bash' prints completions for bash; zsh and fish work the same way.

      EXIT STATUS
        0     success
        1     error in data, model or disk
        3     training diverged
        64    usage error
        129, 130, 143    interrupted by SIGHUP, SIGINT, SIGTERM
        138, 140, 152    interrupted by SIGUSR1, SIGUSR2, SIGXCPU
        141   the reader of the results closed the pipe
      """,
    version: Versions.package,
    subcommands: [
      Train.self, Evaluate.self, Predict.self, Report.self, Playground.self, Summary.self, Download.self,
      Doctor.self,
    ])

  /// As in the messages of this command.
  static let _errorPrefix = "error: "

  static func main() {
    ClosedStreams.reserve()
    // A reader that closes the pipe of the messages must not end a training run; `write` reports the results' one.
    signal(SIGPIPE, SIG_IGN)
    Interrupts.installHandlers()
    do {
      let arguments = try ProcessArguments.all()
      requireSubcommand(arguments.first)
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      end(after: error)
    }
  }

  /// Suggests a subcommand for a mistyped one; the parser suggests only options.
  private static func requireSubcommand(_ word: String?) {
    let names = configuration.subcommands.map {
      $0.configuration.commandName ?? String(describing: $0).lowercased()
    }
    guard let word, !word.hasPrefix("-"), let meant = SimilarName.of(word, among: names), meant != word
    else { return }
    let error = ValidationError("Unknown subcommand '\(word)'. Did you mean '\(meant)'?")
    end(.validationFailure, fullMessage(for: error))
  }

  /// Prints the error and exits with its status.
  private static func end(after error: any Error) -> Never {
    switch error {
    case StreamError.closed:
      // Exit silently with the status that SIGPIPE would give.
      exit(withError: ExitCode(141))
    case is ExitCode:
      // The message has been printed.
      exit(withError: error)
    case let mistake as ValidationError:
      end(ExitCode.validationFailure, "error: \(mistake.message)")
    case let other as CheckpointMismatch where other.isOptionMismatch:
      end(ExitCode.validationFailure, "error: \(other)")
    case is ProcessArguments.NotUTF8:
      end(ExitCode.validationFailure, "error: \(error)")
    case is Divergence:
      end(ExitCode(3), "error: \(error)")
    case let interrupted as Interrupted:
      end(ExitCode(128 + interrupted.signal), "\(interrupted)")
    default:
      // The parser prints help, versions and completion scripts, and formats usage errors.
      let status = exitCode(for: error)
      guard !status.isSuccess else { exit(withError: error) }
      end(status, status == .failure ? "error: \(error)" : fullMessage(for: error))
    }
  }

  private static func end(_ status: ExitCode, _ message: String) -> Never {
    for line in message.split(separator: "\n") { StandardStream.error.message(String(line)) }
    exit(withError: status)
  }
}
