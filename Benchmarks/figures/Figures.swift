import ArgumentParser

/// The pictures of the articles, made from this package's own numbers.
///
///     layers, small examples --------------------+
///     measure --> Benchmarks/measured/*.json ----+--> Picture (marks as data) --> SVG beside the article
@main
struct Figures: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures",
    abstract: "Makes the pictures of the articles, and the measurements that some of them show.",
    discussion: """
      Run it in the package's folder. "draw" is repeatable to the byte; measurements depend on the machine, so they \
      are kept in Benchmarks/measured and drawn from there.
      """,
    subcommands: [
      DrawCommand.self, FeatureMapsCommand.self, ReluTanhCommand.self, RegularizationCommand.self,
      InitializationCommand.self,
    ])
}
