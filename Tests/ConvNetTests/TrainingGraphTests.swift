import ConvNet
import Im2col
import Testing

@Suite("Training graph")
struct TrainingGraphTests {
  private let x = Placeholder("x", shape: [nil, 28, 28, 1])
  private let y = Placeholder("y", shape: [nil, 10])

  @Test("fetches without train do not change the parameters")
  func withoutTraining() throws {
    let graph = try lenet5(x, y)
    let before = graph.model.parameters
    let feeds = [
      x: try RandomImages.tensor([6, 28, 28, 1], seed: 1),
      y: try RandomImages.labels(6, classes: 10, seed: 2),
    ]
    let results = try graph.run([graph.accuracy, graph.loss, graph.output], feeding: feeds)
    #expect(graph.model.parameters == before)
    #expect(results.output?.shape == [6, 10])
    #expect(results[.loss]?.shape == [])
    #expect(results.accuracy != nil)
    #expect(try graph.run([graph.accuracy], feeding: feeds).loss == nil)
  }

  @Test("results fetched with train are those before the update")
  func training() throws {
    let graph = try lenet5(x, y)
    let feeds = [
      x: try RandomImages.tensor([6, 28, 28, 1], seed: 1),
      y: try RandomImages.labels(6, classes: 10, seed: 2),
    ]
    let before = try graph.run([graph.loss, graph.output, graph.accuracy], feeding: feeds)
    let weights = graph.model.parameters
    let during = try graph.run([graph.output, graph.train, graph.loss, graph.accuracy], feeding: feeds)
    #expect(during == before)
    #expect(graph.model.parameters != weights)
    let after = try graph.run([graph.loss], feeding: feeds)
    #expect(try #require(after.loss) < #require(before.loss))
    #expect(graph.model.optimizer == .adam(epsilon: 1e-8))
  }

  @Test("missing, unknown and mismatched feeds are errors")
  func invalidFeeds() throws {
    let graph = try lenet5(x, y)
    let before = graph.model.parameters
    let images = try RandomImages.tensor([6, 28, 28, 1], seed: 1)
    let labels = try RandomImages.labels(6, classes: 10, seed: 2)
    let invalid: [[Placeholder: Tensor]] = [
      [:], [x: images], [y: labels],
      [x: try RandomImages.tensor([6, 28, 27, 1], seed: 1), y: labels],
      [x: images, y: try RandomImages.labels(5, classes: 10, seed: 2)],
      [x: images, y: try RandomImages.labels(6, classes: 9, seed: 2)],
      [x: images, y: labels, Placeholder("z", shape: [nil]): labels],
      [x: try Tensor(repeating: 0, shape: [0, 28, 28, 1]), y: try Tensor(repeating: 0, shape: [0, 10])],
    ]
    for feeds in invalid {
      #expect(throws: EngineError.self) { try graph.run([graph.train, graph.loss], feeding: feeds) }
    }
    #expect(graph.model.parameters == before)
    #expect(throws: EngineError.self) { try lenet5(Placeholder("x", shape: [nil, 32, 32, 1]), y) }
    #expect(throws: EngineError.self) { try lenet5(x, Placeholder("y", shape: [nil, 9])) }
    #expect(throws: EngineError.self) { try lenet5(x, Placeholder("x", shape: [nil, 10])) }
    #expect(throws: EngineError.self) { try lenet5(Placeholder("x", shape: [28, 28, 1])) }
  }
}
