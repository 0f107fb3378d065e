import MNISTData

/// The command suggested after training.
package enum NextCommand {
  /// Predicts a drawing, or test images if the classes are not digits.
  package static func afterTraining(dataset: String, model: String, data: String?) -> String {
    let isDigits = dataset == MNISTVariant.digits.rawValue
    let images = data.map { "--data \(quoted($0)) " } ?? (isDigits ? "" : "--dataset fashion ")
    return "mnist predict --model \(quoted(model)) " + (isDigits ? "drawing.png" : images + "--index 0-4")
  }

  /// A path as a shell word that is no option.
  private static func quoted(_ path: String) -> String {
    let path = path.hasPrefix("-") ? "./" + path : path
    let isPlain = path.utf8.allSatisfy { byte in
      byte >= 0x80 || Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber
        || "._-/+,@%:=".utf8.contains(byte)
    }
    return isPlain ? path : "'" + path.replacing("'", with: #"'\''"#) + "'"
  }
}
