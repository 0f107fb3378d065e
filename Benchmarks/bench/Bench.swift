import ArgumentParser
import Im2col

/// How fast this package is, on this machine, beside what its BLAS can do at best.
///
///     plan --checked against the loop nest in Double--> timed --> a row: rate, share of sgemm's rate
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures convolution layers, LeNet-5 and the matrix products below them.",
    discussion: """
      Every case is checked against a reference in double precision before it is timed; a wrong result ends \
      the program with exit code 1. Rows go to standard output, everything else to standard error.

      EXAMPLES
        bench lenet --batches 1,32,128 --seconds 1
        bench layers --only vgg3_2,vgg4_2 --threads 1,2
        bench gemm --json

      Completions for bash, zsh and fish are printed by 'bench --generate-completion-script bash'.
      """,
    version: PackageVersion.text,
    subcommands: [
      LeNetCommand.self, AlexNetCommand.self, LayersCommand.self, GemmCommand.self, ProfileCommand.self,
      CompareCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      // Help, usage and bare exit codes are the parser's own.
      guard exitCode(for: error) == .failure, !(error is ExitCode) else { exit(withError: error) }
      // A file's name may hold control characters.
      StandardError.say("Error: " + "\(error)".printable)
      exit(withError: ExitCode.failure)
    }
  }
}
