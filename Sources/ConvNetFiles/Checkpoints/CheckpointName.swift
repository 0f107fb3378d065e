/// The name of a checkpoint's file: `step-00001563.safetensors` after 1,563 updates.
///
/// Names are ordered by the number, not the text, so 99,999,999 comes before 100,000,000.
enum CheckpointName {
  private static let start = "step-"
  private static let end = ".safetensors"
  private static let digits = 8

  /// The name of a step's file.
  static func name(step: Int) -> String {
    let number = String(step)
    return start + String(repeating: "0", count: max(0, digits - number.count)) + number + end
  }

  /// The step of a name; nil for other files.
  static func step(of name: String) -> Int? {
    guard name.hasPrefix(start), name.hasSuffix(end),
      let step = Int(name.dropFirst(start.count).dropLast(end.count)), step >= 0,
      self.name(step: step) == name
    else { return nil }
    return step
  }

  /// Whether a file is the temporary file of a save, such as `.step-00001563.safetensors.1f2e.tmp`.
  static func isTemporary(_ name: String) -> Bool {
    name.hasPrefix(".\(start)") && name.contains("\(end).") && name.hasSuffix(".tmp")
  }

  static func path(_ name: String, in folder: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }
}
