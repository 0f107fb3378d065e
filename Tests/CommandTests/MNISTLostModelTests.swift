import ConvNetFiles
import Foundation
import Testing

/// The folder of `--model` disappears during training: the results are printed, and the model is kept.
@Suite struct MNISTLostModelTests {
  private let data: SmallMNIST

  init() throws { data = try SmallMNIST() }

  /// Trains in the folder `here`, and removes the folder of the model after the first epoch.
  ///
  /// - Parameter setup: shell commands before training.
  private func train(_ options: String, setup: String = "") throws -> CommandProcess {
    try MNISTCommandLine.shell(
      #"""
      mkdir -p "$DIR/gone" "$DIR/here" "$DIR/state"
      cd "$DIR/here"
      export XDG_STATE_HOME="$DIR/state" TMPDIR="$DIR"
      \#(setup)
      "$MNIST" train --data "$DIR" --validation 100 --epochs 40 --model "$DIR/gone/m.safetensors" \#(options) \
        2> "$DIR/messages" &
      for tick in $(seq 1000); do grep -q 'epoch 1/' "$DIR/messages" && break; sleep 0.02; done
      rm -r "$DIR/gone"
      wait $!
      status=$?
      cat "$DIR/messages" >&2
      exit $status
      """#, folder: data.path)
  }

  private func models(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: data.file(folder))
      .filter { $0.hasPrefix("model-") && $0.hasSuffix(".safetensors") }
  }

  @Test func theResultsAreShown_andTheModelIsInTheCurrentFolder() throws {
    let run = try train("--report r.html")
    let name = try #require(try models(in: "here").first, "\(run.messages)")
    #expect(run.status == 1)
    #expect(run.output.hasPrefix("test accuracy  ") && run.output.contains("\nmodel          \(name)\n"))
    #expect(
      run.messages.contains("cannot open the folder of \(data.file("gone/m.safetensors")): ")
        && run.messages.contains("the model is in \(name) instead; move it to where you want it"),
      "\(run.messages)")
    // The remedy works, and the report is complete.
    let evaluated = try MNISTCommandLine.run(
      ["evaluate", "--data", data.path, "--model", data.file("here/\(name)")])
    #expect(evaluated.status == 0 && run.output.hasPrefix(evaluated.lines[0]))
    #expect(try String(contentsOfFile: data.file("here/r.html"), encoding: .utf8).hasSuffix("</html>\n"))
  }

  @Test func jsonNamesTheOtherFile() throws {
    let run = try train("--json")
    let name = try #require(try models(in: "here").first, "\(run.messages)")
    let end = try #require(try run.rows().last)
    #expect(run.status == 1 && end["final"] as? Bool == true)
    #expect(end["model"] is NSNull && end["fallback"] as? String == name)
    #expect(try ModelFile(contentsOf: data.file("here/\(name)")).digest == end["sha256"] as? String)
  }

  /// The current folder is removed too; then the state folder is a file; then nothing is left.
  @Test func theFoldersAreTriedInOrder() throws {
    let state = try train("", setup: #"rmdir "$DIR/here""#)
    #expect(state.status == 1)
    let name = try #require(try models(in: "state/swift-im2col").first, "\(state.messages)")
    #expect(state.output.contains("model          \(data.file("state/swift-im2col/\(name)"))\n"))

    let temporary = try train("", setup: #"rmdir "$DIR/here"; rm -r "$DIR/state"; touch "$DIR/state""#)
    #expect(temporary.status == 1)
    #expect(try models(in: "").count == 1, "\(temporary.messages)")

    let lost = try train("", setup: #"rmdir "$DIR/here"; export TMPDIR="$DIR/none""#)
    #expect(lost.status == 1 && lost.output.contains("model          not saved\n"))
    #expect(lost.messages.contains("no other folder could hold the model either: "), "\(lost.messages)")
    #expect(try models(in: "").count == 1)
  }

  /// Neither results nor files are lost if the other cannot be written.
  @Test func resultsThatCannotBePrintedLoseNoModel() throws {
    let line = #""$MNIST" train --data "$DIR" --validation 100 --epochs 1 --model "$DIR/m" > /dev/full"#
    let run = try MNISTCommandLine.shell(line, folder: data.path)
    #expect(run.status == 1 && run.messages.contains("cannot write the results"), "\(run.messages)")
    #expect(try data.otherFiles == ["m"])
  }

  @Test func aReportThatCannotBeWrittenLosesNothing() throws {
    let run = try MNISTCommandLine.shell(
      #"""
      mkdir "$DIR/gone"
      "$MNIST" train --data "$DIR" --validation 100 --epochs 40 --model "$DIR/m" --report "$DIR/gone/r.html" \
        2> "$DIR/messages" &
      for tick in $(seq 1000); do grep -q 'epoch 1/' "$DIR/messages" && break; sleep 0.02; done
      rm -r "$DIR/gone"
      wait $!
      """#, folder: data.path)
    #expect(run.status == 1 && run.output.contains("model          \(data.file("m"))\n"))
    #expect(try data.otherFiles == ["m", "messages"])
  }
}
