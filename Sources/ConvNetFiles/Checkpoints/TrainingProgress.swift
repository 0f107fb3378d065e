import ConvNet

/// The progress of a training run: completed epochs, and the completed part of the next one.
///
///     | epoch 0 | epoch 1 | epoch 2 ...
///      completed completed batch 812 of 1563: `batch` batches with the score `running`
public struct TrainingProgress: Sendable, Equatable {
  /// The results of the completed epochs, in order.
  public var completed: [CompletedEpoch] = []
  /// The number of completed batches in the next epoch.
  public var batch = 0
  /// The score of these batches, each computed before its update.
  public var running = Score()
  /// The seconds spent on these batches, which differ between identical runs.
  public var seconds = 0.0

  /// Creates the progress of a new training run.
  public init() {}

  /// The current epoch, counted from 0.
  public var epoch: Int { completed.count }

  /// The completed epoch with the smallest validation loss, or training loss without validation, counted from
  /// 0; the first one in a tie, nil if there is none.
  public var lowestLossEpoch: Int? {
    completed.indices.min { completed[$0].decisiveScore.loss < completed[$1].decisiveScore.loss }
  }

  /// The maximum number of epochs in a checkpoint.
  public static let epochLimit = 10_000
}

/// The results of an epoch.
public struct CompletedEpoch: Sendable, Equatable {
  /// The number of updates from the start of training to the end of the epoch.
  public let updates: Int
  /// The training score, computed during the epoch.
  public let training: Score
  /// The validation score after the last update; nil without validation.
  public let validation: Score?
  /// The seconds spent on training, without validation.
  public let trainingSeconds: Double
  /// The seconds spent on the epoch.
  public let seconds: Double

  /// Creates the results of an epoch; times are rounded to microseconds.
  public init(
    updates: Int, training: Score, validation: Score?, trainingSeconds: Double, seconds: Double
  ) {
    (self.updates, self.training, self.validation) = (updates, training, validation)
    self.trainingSeconds = (trainingSeconds * 1e6).rounded() / 1e6
    self.seconds = (seconds * 1e6).rounded() / 1e6
  }

  /// The score by which epochs are compared.
  var decisiveScore: Score { validation ?? training }
}

extension TrainingProgress {
  /// Checks the numbers of a file, so that later code can rely on them.
  ///
  /// - Throws: `CheckpointError.malformed`.
  func requireValid() throws(CheckpointError) {
    let scores = completed.flatMap { [$0.training, $0.validation].compactMap { $0 } } + [running]
    let times = completed.flatMap { [$0.trainingSeconds, $0.seconds] } + [seconds]
    // Generous bounds whose sums stay in range.
    let (maxImages, maxSeconds) = (Int(Int32.max), 1e9)
    let isSound =
      batch >= 0 && (batch == 0) == (running.images == 0)
      && scores.allSatisfy {
        (0...maxImages).contains($0.images) && (0...$0.images).contains($0.correct) && $0.lossSum.isFinite
      }
      && completed.allSatisfy { $0.training.images > 0 && $0.trainingSeconds > 0 }
      && times.allSatisfy { (0...maxSeconds).contains($0) }
    guard isSound else {
      throw .malformed(key: "progress", reason: "has impossible counts, losses or times")
    }
    guard completed.count <= Self.epochLimit else {
      throw .malformed(
        key: "progress", reason: "has \(completed.count) epochs, more than the \(Self.epochLimit) allowed")
    }
  }
}

// MARK: - JSON, in arrays without names, because there may be thousands of epochs

/// `{"epochs":[[...],...],"batch":812,"running":[lossSum,correct,images],"seconds":0.5}`
extension TrainingProgress: Codable {
  private enum CodingKeys: String, CodingKey {
    case completed = "epochs"
    case batch, running, seconds
  }

  /// Decodes the object above.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    completed = try container.decode([CompletedEpoch].self, forKey: .completed)
    batch = try container.decode(Int.self, forKey: .batch)
    var running = try container.nestedUnkeyedContainer(forKey: .running)
    self.running = try running.decodeScore()
    seconds = try container.decode(Double.self, forKey: .seconds)
  }

  /// Encodes the object above.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(completed, forKey: .completed)
    try container.encode(batch, forKey: .batch)
    var running = container.nestedUnkeyedContainer(forKey: .running)
    try running.encode(self.running)
    try container.encode(seconds, forKey: .seconds)
  }
}

/// `[updates,lossSum,correct,images,trainingSeconds,seconds]`, followed by the three numbers of a validation.
extension CompletedEpoch: Codable {
  /// Decodes the array above.
  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    updates = try container.decode(Int.self)
    training = try container.decodeScore()
    trainingSeconds = try container.decode(Double.self)
    seconds = try container.decode(Double.self)
    validation = container.isAtEnd ? nil : try container.decodeScore()
  }

  /// Encodes the array above.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(updates)
    try container.encode(training)
    try container.encode(trainingSeconds)
    try container.encode(seconds)
    if let validation { try container.encode(validation) }
  }
}

extension UnkeyedEncodingContainer {
  fileprivate mutating func encode(_ score: Score) throws {
    try encode(score.lossSum)
    try encode(score.correct)
    try encode(score.images)
  }
}

extension UnkeyedDecodingContainer {
  fileprivate mutating func decodeScore() throws -> Score {
    try Score(lossSum: decode(Double.self), correct: decode(Int.self), images: decode(Int.self))
  }
}
