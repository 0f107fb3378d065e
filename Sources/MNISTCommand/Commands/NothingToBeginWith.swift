import ConvNet
import ConvNetFiles

/// A file of `--from` without any parameter array of the network.
struct NothingToBeginWith: Error, CustomStringConvertible {
  let path: String
  let match: ParameterMatch

  var description: String {
    "\(path.printable): no parameter array has the name and the shape of one of the network (\(match)); use a model "
      + "of the same --network, or omit --from"
  }
}
