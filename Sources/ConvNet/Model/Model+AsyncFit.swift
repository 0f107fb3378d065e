import Im2col
import Synchronization

extension Model {
  /// Trains on a data set without blocking the task's actor: the work runs on a thread of its own.
  ///
  /// The parameters and the result are those of the synchronous form. If the task is cancelled, training ends
  /// after the current batch.
  ///
  /// - Parameters:
  ///   - data: the images and targets.
  ///   - batchSize: images per update; the last batch of an epoch may be smaller.
  ///   - epochs: the number of epochs.
  ///   - validationData: the data to evaluate after every epoch.
  ///   - shuffle: whether to shuffle the images in every epoch.
  ///   - onBatch: called after every batch, on the training thread.
  ///   - onEpoch: called after every epoch, on the training thread.
  /// - Returns: the completed epochs and the reason why training ended.
  /// - Throws: the errors of the synchronous form.
  @discardableResult
  public func fit(
    _ data: some TrainingData, batchSize: Int = 32, epochs: Int = 1,
    validationData: (any TrainingData)? = nil, shuffle: Bool = true,
    onBatch: (@Sendable (BatchReport) -> FitDecision)? = nil,
    onEpoch: (@Sendable (History.Epoch) -> FitDecision)? = nil
  ) async throws(EngineError) -> History {
    let cancellation = CancellationFlag()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation {
        (continuation: CheckedContinuation<Result<History, EngineError>, Never>) in
        BackgroundThread.run {
          var callbacks = FitCallbacks(onBatch: onBatch, onEpoch: onEpoch)
          callbacks.isCancelled = { cancellation.isSet.load(ordering: .relaxed) }
          do throws(EngineError) {
            continuation.resume(
              returning: .success(
                try self.fit(
                  data, batchSize: batchSize, epochs: epochs, validationData: validationData,
                  shuffle: shuffle, callbacks: callbacks)))
          } catch {
            continuation.resume(returning: .failure(error))
          }
        }
      }
    } onCancel: {
      cancellation.isSet.store(true, ordering: .relaxed)
    }
    return try result.get()
  }
}

private final class CancellationFlag: Sendable {
  let isSet = Atomic<Bool>(false)
}
