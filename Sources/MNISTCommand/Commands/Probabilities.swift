import ConvNet
import Im2col

/// A model's outputs as shares of 1, also where it leaves the softmax to the loss.
struct Probabilities {
  private let model: Sequential
  private let endsInSoftmax: Bool

  init(_ model: Sequential) throws(ShapeError) {
    self.model = model
    endsInSoftmax = try NetworkPlan(inputShape: model.inputShape, layers: model.layers).endsInSoftmax
  }

  /// One share a class.
  ///
  /// - Parameters:
  ///   - image: `[1, height, width, channels]`.
  ///   - name: where it is from, for the message.
  /// - Throws: `UnfitImages` when the image is not what the model takes.
  func of(_ image: Tensor, named name: String) throws(UnfitImages) -> [Float] {
    do throws(EngineError) {
      let outputs = try model.predict(image)
      // Softmax would make shares even of infinite logits; the caller has to see them.
      let isDone = endsInSoftmax || !outputs.scalars.allSatisfy(\.isFinite)
      return try isDone ? outputs.scalars : activate(outputs, .softmax).scalars
    } catch {
      throw UnfitImages(name: name, reason: error)
    }
  }
}

/// Images that are not what a model takes.
struct UnfitImages: Error, CustomStringConvertible {
  /// Their file or set.
  let name: String
  let reason: EngineError

  var description: String { "\(name): \(reason)" }
}
