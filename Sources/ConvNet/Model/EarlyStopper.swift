import Im2col

/// Stops training by an `EarlyStopping` rule and keeps the parameters of the best epoch.
///
///     let stopper = EarlyStopper(EarlyStopping(patience: 3), of: model)
///     try model.fit(
///       images, labels, epochs: 100, validationData: (validationImages, validationLabels),
///       callbacks: FitCallbacks(onEpoch: stopper.observe))
///     try stopper.restoreBest()
///
/// To resume training, pass the `epochs` and `bestParameters` of the earlier stopper: training then stops at
/// the same epoch as without the interruption.
public final class EarlyStopper {
  /// The rule.
  public let rule: EarlyStopping
  /// The epochs so far.
  public private(set) var epochs: [History.Epoch]
  /// The parameters after the best epoch so far; nil when there is none, or the rule does not keep them.
  public private(set) var bestParameters: [Float]?

  private let model: Sequential

  /// Creates a stopper for a model.
  ///
  /// - Parameters:
  ///   - rule: when to stop.
  ///   - model: the model to train.
  ///   - epochs: the epochs completed before this run.
  ///   - bestParameters: the parameters after the best of these epochs.
  public init(
    _ rule: EarlyStopping, of model: Sequential, epochs: [History.Epoch] = [],
    bestParameters: [Float]? = nil
  ) {
    (self.rule, self.model, self.epochs, self.bestParameters) = (rule, model, epochs, bestParameters)
  }

  /// The verdict on the epochs so far.
  public var verdict: EarlyStopping.Verdict { rule.verdict(on: epochs) }

  /// The best epoch so far; nil when no epoch has a finite score.
  public var best: History.Epoch? { verdict.best.map { epochs[$0] } }

  /// Records a completed epoch and decides whether to continue; pass it as `FitCallbacks.onEpoch`.
  @discardableResult
  public func observe(_ epoch: History.Epoch) -> FitDecision {
    epochs.append(epoch)
    let verdict = verdict
    if rule.keepsBest, verdict.best == epochs.count - 1 { bestParameters = model.parameters }
    return verdict.stops ? .stop : .continue
  }

  /// Restores the parameters of the best epoch, if they were kept. Call it after `fit` returns. The optimizer
  /// state remains that of the last epoch.
  ///
  /// - Throws: `EngineError.shape` when the `bestParameters` passed to `init` do not belong to this model.
  public func restoreBest() throws(EngineError) {
    if rule.keepsBest, let bestParameters { try model.setParameters(bestParameters) }
  }
}
