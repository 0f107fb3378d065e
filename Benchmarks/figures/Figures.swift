import ArgumentParser

/// The pictures of the articles and the tables of measurements, made from this package's own numbers.
///
///     layers, small examples --------------------+
///     measure --> Benchmarks/measured/*.json ----+--> Picture (marks as data) --> SVG beside the article
///                                                +--> Markdown tables
@main
struct Figures: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures",
    abstract: "Draws the pictures of the articles, writes the tables of measurements, and runs experiments.",
    discussion: """
      Run it in the package's folder. "draw" and "tables" give the same bytes on every machine: they read \
      Benchmarks/measured. The experiments write there; their results depend on the machine.
      """,
    subcommands: [
      DrawCommand.self, TablesCommand.self, FeatureMapsCommand.self, ReluTanhCommand.self,
      RegularizationCommand.self, InitializationCommand.self,
    ])
}
