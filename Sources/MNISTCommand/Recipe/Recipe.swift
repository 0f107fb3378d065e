import ConvNet

/// Everything that decides how a training goes besides the images and the seed, as data. The numbers behind
/// the names are what `mnist train` does without options.
package struct Recipe: Sendable, Equatable {
  package var epochs = 5
  package var batchSize = 32
  /// How many images at the end of the training set to validate on.
  package var validation = 10_000

  /// Adam's step at its largest.
  package var learningRate: Float = 0.001
  package var schedule = ScheduleShape.constant
  package var warmupEpochs = 0
  /// nil: a third of the epochs behind the warm-up.
  package var stepEpochs: Int?
  package var stepFactor: Double = 0.1

  package var weightDecay: Float = 0
  /// Pixels.
  package var shift = 0
  /// The share of the hidden dense layers' outputs that training leaves out.
  package var dropout: Float = 0

  /// nil: all epochs.
  package var patience: Int?
  package var monitor = EarlyStopping.Monitor.validationLoss

  package init() {}

  /// The shapes of a learning rate's way that the command knows.
  package enum ScheduleShape: String, Sendable, CaseIterable {
    case constant, step, cosine
  }
}

extension Recipe {
  /// The network's layers.
  package var layers: [Layer] { LeNet5.layers(dropout: dropout) }

  /// The optimizer's settings.
  ///
  /// - Parameter updates: in an epoch.
  package func optimizer(updatesPerEpoch updates: Int) -> Optimizer {
    .adam(
      learningRate: learningRate, weightDecay: weightDecay,
      schedule: LearningRateSchedule(shape(updates), warmup: warmupEpochs * updates))
  }

  /// Epochs that the schedule's shape has, and how many of them a step takes.
  private var shapedEpochs: Int { max(epochs - warmupEpochs, 1) }
  private var epochsPerStep: Int { stepEpochs ?? max(shapedEpochs / 3, 1) }

  private func shape(_ updates: Int) -> LearningRateSchedule.Shape {
    switch schedule {
    case .constant: .constant
    case .step: .step(every: epochsPerStep * updates, factor: stepFactor)
    case .cosine: .cosine(updates: shapedEpochs * updates, end: 0)
    }
  }

  /// When to stop early, if at all.
  package var earlyStopping: EarlyStopping? {
    patience.map { EarlyStopping(monitor: monitor, patience: $0) }
  }

  /// What does not go together, in words; nil where all does.
  package var conflict: String? {
    if warmupEpochs > 0, warmupEpochs >= epochs {
      return "--warmup-epochs is \(warmupEpochs); it must be less than the \(epochs) epochs of --epochs"
    }
    if stepEpochs != nil || stepFactor != Recipe().stepFactor, schedule != .step {
      return "--step-epochs and --step-factor belong to --schedule step, but it is \(schedule.rawValue)"
    }
    if patience != nil, validation == 0 {
      return "--patience needs images to validate on, but --validation is 0; give it some, for instance 10000"
    }
    return nil
  }

  /// What must not change when a training is taken up again, by option. The number of epochs may, unless the
  /// learning rate's way depends on it.
  package var decisions: [(option: String, value: String)] {
    var decisions = [
      ("--batch-size", "\(batchSize)"), ("--learning-rate", "\(learningRate)"),
      ("--schedule", schedule.rawValue), ("--warmup-epochs", "\(warmupEpochs)"),
      ("--weight-decay", "\(weightDecay)"), ("--shift", "\(shift)"), ("--dropout", "\(dropout)"),
      ("--patience", patience.map { "\($0)" } ?? "none"), ("--monitor", monitor.rawValue),
    ]
    switch schedule {
    case .constant: break
    case .step: decisions += [("--step-epochs", "\(epochsPerStep)"), ("--step-factor", "\(stepFactor)")]
    case .cosine: decisions.append(("--epochs (where the cosine ends)", "\(epochs)"))
    }
    return decisions
  }

  /// The recipe as a model's file notes it: all that every training has, and of the rest what it uses.
  package var notes: [String: String] {
    var notes = [
      "epochs": "\(epochs)", "batch_size": "\(batchSize)", "learning_rate": "\(learningRate)",
      "schedule": schedule.rawValue,
    ]
    if schedule == .step {
      (notes["step_epochs"], notes["step_factor"]) = ("\(epochsPerStep)", "\(stepFactor)")
    }
    if warmupEpochs > 0 { notes["warmup_epochs"] = "\(warmupEpochs)" }
    if weightDecay > 0 { notes["weight_decay"] = "\(weightDecay)" }
    if shift > 0 { notes["shift"] = "\(shift)" }
    if dropout > 0 { notes["dropout"] = "\(dropout)" }
    if let patience { (notes["patience"], notes["monitor"]) = ("\(patience)", monitor.rawValue) }
    return notes
  }
}
