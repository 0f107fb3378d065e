import ConvNet
import Im2col
import Synchronization
import Testing

/// The parts of a run that an observer sees, and the ops that they belong to.
@Suite("Execution observer")
struct ExecutionObserverTests {
  private final class Recorder: ExecutionObserver {
    let parts = Mutex<[ExecutionEvent.Part: [Range<Int>]]>([:])

    func observe(_ event: ExecutionEvent) {
      parts.withLock { $0[event.part, default: []].append(event.images) }
    }
  }

  @Test("every op runs forward and backward on every image once", arguments: ExecutionSchedule.allCases)
  func covers(schedule: ExecutionSchedule) throws {
    let model = try Model(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: 3)
    model.forcedSchedule = schedule
    try model.compile(options: ComputeOptions(workers: Workers(2)))
    let images = try RandomImages.tensor([37, 28, 28, 1], seed: 1)
    let targets = try RandomImages.labels(37, classes: 10, seed: 2)
    let recorder = Recorder()
    let gradient = try model.gradients(images, targets)
    _ = try model.observed(by: recorder) { () throws(EngineError) in try model.trainOnBatch(images, targets) }
    let graph = try model.trainingOps
    #expect(
      graph.ops.indices.map(graph.name(ofOp:)) == [
        "conv1+pool1", "conv2+pool2", "dense1", "dense2", "dense3",
      ])
    let parts = recorder.parts.withLock { $0 }
    let expected =
      [ExecutionEvent.Part.loss, .update]
      + graph.ops.indices.flatMap { [.forward(op: $0), .backward(op: $0)] }
    #expect(Set(parts.keys) == Set(expected))
    for (part, ranges) in parts {
      #expect(ranges.flatMap(\.self).sorted() == Array(0..<37), "\(part)")
      #expect(schedule == .microBatch || ranges == [0..<37] || part == .update)
    }
    // Observing changes nothing, and nothing is observed afterwards.
    let other = try Model(inputShape: LeNet5.inputShape, layers: LeNet5.layers(), seed: 3)
    other.forcedSchedule = schedule
    try other.compile(options: ComputeOptions(workers: Workers(2)))
    #expect(try other.gradients(images, targets).gradients == gradient.gradients)
    try other.trainOnBatch(images, targets)
    #expect(other.parameters == model.parameters)
    try model.trainOnBatch(images, targets)
    #expect(recorder.parts.withLock { $0 } == parts)
  }
}
