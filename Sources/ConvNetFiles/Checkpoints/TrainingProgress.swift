import ConvNet

/// How far a training has come: finished epochs, and a part of the next one.
///
///     | epoch 0 | epoch 1 | epoch 2 ...
///       finished  finished  batch 812 of 1563: `batch` batches with the score `running`
public struct TrainingProgress: Sendable, Equatable {
  /// What came out of every finished epoch, in order.
  public var finished: [FinishedEpoch] = []
  /// Batches done in the epoch after them.
  public var batch = 0
  /// Loss and correct of these batches, each before its update.
  public var running = Score()
  /// Seconds spent on these batches; a clock's, so no two trainings agree on it.
  public var seconds = 0.0

  /// Nothing done yet.
  public init() {}

  /// The epoch in hand, counted from 0.
  public var epoch: Int { finished.count }

  /// The finished epoch that was best, counted from 0: the least validation loss, or training loss without a
  /// validation; the first of equals, nil before the first. Follows from the records, so that it survives a
  /// resume without a memory of its own.
  public var bestEpoch: Int? {
    finished.indices.min { finished[$0].judged.loss < finished[$1].judged.loss }
  }

  /// As many epochs as a checkpoint has room for.
  public static let epochLimit = 10_000
}

/// What came out of an epoch.
public struct FinishedEpoch: Sendable, Equatable {
  /// Updates done at its end, since the training began.
  public let updates: Int
  /// Over the images as they were trained on.
  public let training: Score
  /// After the last update.
  public let validation: Score?
  /// Of the training part, without the validation.
  public let trainingSeconds: Double
  /// Of the epoch.
  public let seconds: Double

  /// Keeps the results of an epoch; times are rounded to microseconds.
  public init(
    updates: Int, training: Score, validation: Score?, trainingSeconds: Double, seconds: Double
  ) {
    (self.updates, self.training, self.validation) = (updates, training, validation)
    self.trainingSeconds = (trainingSeconds * 1e6).rounded() / 1e6
    self.seconds = (seconds * 1e6).rounded() / 1e6
  }

  /// What an epoch is judged by.
  var judged: Score { validation ?? training }
}

// MARK: - As JSON, without names where there are thousands

/// `{"epochs":[[...],...],"batch":812,"running":[lossSum,correct,images],"seconds":0.5}`
extension TrainingProgress: Codable {
  private enum CodingKeys: String, CodingKey {
    case finished = "epochs"
    case batch, running, seconds
  }

  /// Reads what `encode(to:)` wrote.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    finished = try container.decode([FinishedEpoch].self, forKey: .finished)
    batch = try container.decode(Int.self, forKey: .batch)
    var running = try container.nestedUnkeyedContainer(forKey: .running)
    self.running = try running.decodeScore()
    seconds = try container.decode(Double.self, forKey: .seconds)
  }

  /// Writes the object above.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(finished, forKey: .finished)
    try container.encode(batch, forKey: .batch)
    var running = container.nestedUnkeyedContainer(forKey: .running)
    try running.encode(self.running)
    try container.encode(seconds, forKey: .seconds)
  }
}

/// `[updates,lossSum,correct,images,trainingSeconds,seconds]`, and with a validation its three numbers behind them.
extension FinishedEpoch: Codable {
  /// Reads what `encode(to:)` wrote.
  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    updates = try container.decode(Int.self)
    training = try container.decodeScore()
    trainingSeconds = try container.decode(Double.self)
    seconds = try container.decode(Double.self)
    validation = container.isAtEnd ? nil : try container.decodeScore()
  }

  /// Writes the array above.
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
