import ArgumentParser
import CommandSupport
import Im2col

/// The command that measures this package on this machine, relative to the rate of sgemm.
///
///     plan --checked against a loop nest in Double--> timed --> a row: rate, fraction of sgemm's rate
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures LeNet-5, AlexNet, convolution layers, and sgemm itself.",
    discussion: """
      Every case is checked against a double-precision reference before it is timed; a wrong result ends the \
      program with exit status 1. Rows go to standard output, everything else to standard error.

      EXAMPLES
        bench lenet --batches 1,32,128 --seconds 1
        bench layers --only vgg3_2,vgg4_2 --threads 1,2
        bench gemm --json

      'bench --generate-completion-script bash' prints completions (also for zsh and fish).
      """,
    version: PackageVersion.text,
    subcommands: [
      LeNetCommand.self, AlexNetCommand.self, NetsCommand.self, LayersCommand.self, GemmCommand.self,
      ProfileCommand.self,
      CompareCommand.self, CalibrateCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot(ProcessArguments.all())
      try command.run()
    } catch {
      // The parser handles help, usage errors, and plain exit codes.
      guard exitCode(for: error) == .failure, !(error is ExitCode) else { exit(withError: error) }
      // A file name may contain control characters.
      StandardError.say("Error: " + "\(error)".printable)
      exit(withError: ExitCode.failure)
    }
  }
}
