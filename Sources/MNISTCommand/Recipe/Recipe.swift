import ConvNet

/// The settings of a training run, besides the images and the seed. The initial values are the defaults of
/// `mnist train`.
package struct Recipe: Sendable, Equatable {
  package var network = NamedNetwork.lenet5
  package var epochs = 5
  package var batchSize = 32
  /// The number of images held out from the end of the training set for validation.
  package var validation = 10_000

  /// Adam's peak learning rate.
  package var learningRate: Float = 0.001
  package var schedule = ScheduleShape.constant
  package var warmupEpochs = 0
  /// nil: a third of the epochs after the warmup.
  package var stepEpochs: Int?
  package var stepFactor: Double = 0.1

  package var weightDecay: Float = 0
  /// In pixels.
  package var shift = 0
  /// The dropout rate of the hidden dense layers.
  package var dropout: Float = 0

  /// nil: no early stopping.
  package var patience: Int?
  package var monitor = EarlyStopping.Monitor.validationLoss

  package init() {}

  /// The learning-rate schedules of the command.
  package enum ScheduleShape: String, Sendable, CaseIterable {
    case constant, step, cosine
  }
}

extension Recipe {
  /// The network's layers.
  package var layers: [Block] { network.layers(dropout: dropout) }

  /// The optimizer.
  ///
  /// - Parameter updates: the number of updates per epoch.
  package func optimizer(updatesPerEpoch updates: Int) -> Optimizer {
    .adam(
      learningRate: learningRate, weightDecay: weightDecay,
      schedule: LearningRateSchedule(shape(updates), warmup: warmupEpochs * updates))
  }

  /// The epochs after the warmup, and the epochs per step.
  private var shapedEpochs: Int { max(epochs - warmupEpochs, 1) }
  private var epochsPerStep: Int { stepEpochs ?? max(shapedEpochs / 3, 1) }

  private func shape(_ updates: Int) -> LearningRateSchedule.Shape {
    switch schedule {
    case .constant: .constant
    case .step: .step(every: epochsPerStep * updates, factor: stepFactor)
    case .cosine: .cosine(updates: shapedEpochs * updates, end: 0)
    }
  }

  /// The early-stopping rule, if any.
  package var earlyStopping: EarlyStopping? {
    patience.map { EarlyStopping(monitor: monitor, patience: $0) }
  }

  /// A message about settings that conflict; nil if none do.
  package var conflict: String? {
    if warmupEpochs > 0, warmupEpochs >= epochs {
      return "--warmup-epochs is \(warmupEpochs); it must be less than the \(epochs) epochs of --epochs"
    }
    if stepEpochs != nil || stepFactor != Recipe().stepFactor, schedule != .step {
      return "--step-epochs and --step-factor need --schedule step, but it is \(schedule.rawValue)"
    }
    if dropout > 0, network != .lenet5 {
      return
        "--dropout is for lenet5, but --network is \(network.rawValue), which has its own dropout layers "
        + "or none; omit --dropout"
    }
    if patience != nil, validation == 0 {
      return "--patience needs validation images, but --validation is 0; set it, for instance to 10000"
    }
    return nil
  }

  /// The settings that must not change when a run is resumed, by option. The number of epochs may
  /// change, unless the schedule depends on it.
  package var resumeSettings: [(option: String, value: String)] {
    var settings = [
      ("--batch-size", "\(batchSize)"), ("--learning-rate", "\(learningRate)"),
      ("--schedule", schedule.rawValue), ("--warmup-epochs", "\(warmupEpochs)"),
      ("--weight-decay", "\(weightDecay)"), ("--shift", "\(shift)"), ("--dropout", "\(dropout)"),
      ("--patience", patience.map { "\($0)" } ?? "none"), ("--monitor", monitor.rawValue),
    ]
    // Checkpoints of earlier versions are of LeNet-5 and do not name it.
    if network != .lenet5 { settings.append(("--network", network.rawValue)) }
    switch schedule {
    case .constant: break
    case .step: settings += [("--step-epochs", "\(epochsPerStep)"), ("--step-factor", "\(stepFactor)")]
    case .cosine: settings.append(("--epochs (where the cosine ends)", "\(epochs)"))
    }
    return settings
  }

  /// The notes for the model file: the settings of every run, and the others if they are used.
  package var notes: [String: String] {
    var notes = [
      "epochs": "\(epochs)", "batch_size": "\(batchSize)", "learning_rate": "\(learningRate)",
      "schedule": schedule.rawValue,
    ]
    if network != .lenet5 { notes["network"] = network.rawValue }
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
