import ArgumentParser

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
      """,
    subcommands: [
      LenetCommand.self, AlexnetCommand.self, LayersCommand.self, GemmCommand.self, ProfileCommand.self,
      CompareCommand.self,
    ])
}
