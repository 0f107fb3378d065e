import ConvNet
import Im2col

/// A model's outputs as probabilities; applies softmax if the model ends in logits.
struct Probabilities {
  private let model: Model

  init(_ model: Model) { self.model = model }

  /// Returns one probability per class.
  ///
  /// - Parameters:
  ///   - image: `[1, height, width, channels]`.
  ///   - name: the source of the image, for the message.
  /// - Throws: `UnfitImages` if the shape is not the model's input shape.
  func of(_ image: Tensor, named name: String) throws(UnfitImages) -> [Float] {
    do throws(EngineError) {
      let outputs = try model.predict(image)
      // Softmax would hide infinite logits from the caller.
      let isDone = model.endsInSoftmax || !outputs.scalars.allSatisfy(\.isFinite)
      return try isDone ? outputs.scalars : activate(outputs, .softmax).scalars
    } catch {
      throw UnfitImages(name: name, reason: error)
    }
  }
}

/// Images of another shape than the model's input.
struct UnfitImages: Error, CustomStringConvertible {
  /// Their file or data set.
  let name: String
  let reason: EngineError

  var description: String { "\(name): \(reason)" }
}
