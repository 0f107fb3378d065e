import Foundation
import Testing
import mnist

/// The output of a training run on a terminal, through the pseudo-terminal of `script`.
@Suite(
  .enabled(
    if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"), "needs script(1) from bsdutils"))
struct MNISTTerminalTests {
  /// The output on a terminal of that width; results go to a file.
  private func terminal(
    columns: Int, options: String = "--epochs 2",
    environment: String = "TERM=xterm CI= NO_COLOR= LC_ALL=C.UTF-8"
  ) throws -> String {
    let data = try SmallMNIST()
    let train = #"env \#(environment) "$MNIST" train --data "$DIR" --validation 100 --batch-size 16 "#
    let line = "stty cols \(columns) rows 24 && \(train) \(options) > \"$DIR/results\""
    try line.write(toFile: data.file("line.sh"), atomically: true, encoding: .utf8)
    let run = try MNISTCommandLine.shell(
      #"script --quiet --return --command "sh $DIR/line.sh" /dev/null < /dev/null"#, folder: data.path)
    #expect(run.status == 0, "\(run.output)")
    let results = try String(contentsOfFile: data.file("results"), encoding: .utf8)
    #expect(results.contains("\n0 ") && results.contains("recall") && !results.contains("\u{1B}"))
    // The line ends of the terminal driver.
    return run.output.replacing("\r\n", with: "\n")
  }

  /// The strings between two movements of the cursor, without colors.
  private func frames(_ output: String) -> [String] {
    output.replacing(#/\u{1B}\[[0-9;]*m/#, with: "").replacing("\u{1B}[J", with: "")
      .split(whereSeparator: { $0 == "\r" || $0 == "\n" }).map(String.init)
  }

  @Test(arguments: [40, 80, 200])
  func theLineIsRedrawn_andFitsTheTerminal(columns: Int) throws {
    let output = try terminal(columns: columns)
    // Messages are wrapped at spaces.
    let frames = frames(output)
    #expect(frames.contains { $0.hasSuffix("threads)") || $0.hasSuffix("thread)") }, "\(frames)")
    let bars = frames.filter { $0.contains("·") || $0.contains("█") }
    #expect(bars.count >= 4, "\(output)")
    #expect(frames.allSatisfy { $0.count < columns }, "\(frames)")
    #expect(bars.contains { $0.contains("1/20") }, "\(bars)")
    #expect(bars.contains { $0.contains("validating") }, "\(bars)")
    #expect(bars.allSatisfy { $0.contains("/s") && $0.contains(".") }, "\(bars)")
    #expect(output.contains("\u{1B}[32m"))
    // One permanent line per epoch remains.
    let finished = output.split(separator: "\n").dropLast().filter { $0.hasSuffix("\u{1B}[J") }
    #expect(finished.count == 2, "\(output)")
    #expect(frames.contains { $0.hasPrefix("testing on 90 images") })
  }

  @Test func noColor() throws {
    let output = try terminal(columns: 80, environment: "TERM=xterm CI= NO_COLOR=1 LC_ALL=C.UTF-8")
    #expect(output.contains("\u{1B}[J") && !output.contains(#/\u{1B}\[[0-9;]*m/#))
  }

  @Test(arguments: ["TERM=dumb CI=", "TERM= CI=", "TERM=xterm CI=true"])
  func withoutRedrawing_anEpochIsALine(environment: String) throws {
    let output = try terminal(columns: 40, environment: environment)
    #expect(!output.contains("\r") && !output.contains("\u{1B}"), "\(output)")
    #expect(output.split(separator: "\n").count == 3, "\(output)")
  }

  @Test func quietPrintsNothing() throws {
    #expect(try terminal(columns: 80, options: "--epochs 1 --quiet").isEmpty)
  }

  /// Ctrl-C erases the progress line, with and without checkpoints.
  @Test(arguments: ["", "--checkpoint $DIR/run"]) func interruptionErasesTheLine(options: String) throws {
    let data = try SmallMNIST()
    let line = #"""
      stty cols 80 rows 24
      env --default-signal=INT TERM=xterm CI= NO_COLOR=1 LC_ALL=C.UTF-8 \
        "$MNIST" train --data "$DIR" --validation 100 --epochs 300 --log "$DIR/log.csv" \#(options) 2> /dev/tty &
      for tick in $(seq 1000); do grep -q "^0,1," "$DIR/log.csv" 2> "$DIR/none" && break; sleep 0.05; done
      kill -INT $!
      wait $!
      echo "status $?"
      """#
    try line.write(toFile: data.file("line.sh"), atomically: true, encoding: .utf8)
    let run = try MNISTCommandLine.shell(
      #"script --quiet --return --command "sh $DIR/line.sh" /dev/null < /dev/null"#, folder: data.path)
    let last = try #require(run.output.components(separatedBy: "\u{1B}[J").last)
    #expect(last.contains("status 130") && !last.contains("epoch"), "\(last)")
    #expect(options.isEmpty == !last.contains("interrupted; the state is saved in"), "\(last)")
  }
}
