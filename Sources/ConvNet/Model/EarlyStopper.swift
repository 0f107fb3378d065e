import Im2col

/// Ends a training by a rule, and puts the best epoch's parameters back.
///
///     let stopper = EarlyStopper(EarlyStopping(patience: 3), of: model)
///     try model.fit(
///       images, labels, epochs: 100, validationData: (otherImages, otherLabels),
///       callbacks: FitCallbacks(onEpoch: stopper.observe))
///     try stopper.restoreBest()
///
/// A training that is resumed context over `epochs` and `bestParameters` from before, and stops where it would
/// have stopped.
public final class EarlyStopper {
  /// The rule.
  public let rule: EarlyStopping
  /// The epochs so far.
  public private(set) var epochs: [History.Epoch]
  /// The parameters after the best epoch so far; nil where there is none, or none is to be put back.
  public private(set) var bestParameters: [Float]?

  private let model: Sequential

  /// Watches a model.
  ///
  /// - Parameters:
  ///   - rule: when to stop.
  ///   - model: whose epochs will be observed.
  ///   - epochs: those that are done already.
  ///   - bestParameters: the parameters after the best of them.
  public init(
    _ rule: EarlyStopping, of model: Sequential, epochs: [History.Epoch] = [],
    bestParameters: [Float]? = nil
  ) {
    (self.rule, self.model, self.epochs, self.bestParameters) = (rule, model, epochs, bestParameters)
  }

  /// How the training stands.
  public var verdict: EarlyStopping.Verdict { rule.verdict(on: epochs) }

  /// The best epoch so far; nil where none has a finite score.
  public var best: History.Epoch? { verdict.best.map { epochs[$0] } }

  /// Takes note of an epoch that has just ended; the face of `FitCallbacks.onEpoch`.
  @discardableResult
  public func observe(_ epoch: History.Epoch) -> FitDecision {
    epochs.append(epoch)
    let verdict = verdict
    if rule.restoresBest, verdict.best == epochs.count - 1 { bestParameters = model.parameters }
    return verdict.stops ? .stop : .continue
  }

  /// Gives the model the parameters of its best epoch, where the rule says so and there is one; to be called
  /// once `fit` has returned. The optimizer's state stays that of the last epoch.
  ///
  /// - Throws: `EngineError.shape` when parameters were handed over that are not this model's.
  public func restoreBest() throws(EngineError) {
    if rule.restoresBest, let bestParameters { try model.setParameters(bestParameters) }
  }
}
