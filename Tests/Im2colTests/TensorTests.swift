import Im2col
import Testing

@Suite struct TensorTests {
  @Test("A tensor holds the given scalars, and copies are values")
  func values() throws {
    let tensor = try Tensor(shape: [2, 3], scalars: [1, 2, 3, 4, 5, 6])
    var copy = tensor
    copy.scalars[4] = 50
    #expect(tensor.scalars == [1, 2, 3, 4, 5, 6])
    #expect(copy.scalars == [1, 2, 3, 4, 50, 6])
    #expect(tensor != copy)
    #expect(tensor.count == 6)
  }

  @Test("A tensor without axes has one scalar, and one with an axis of length 0 has none")
  func edges() throws {
    #expect(try Tensor(shape: [], scalars: [7]).count == 1)
    #expect(try Tensor(repeating: 7, shape: [3, 0, 5]).scalars.isEmpty)
    #expect(try Tensor(repeating: 7, shape: [2, 2]).scalars == [7, 7, 7, 7])
  }

  @Test("Reshaping keeps the order and the count")
  func reshape() throws {
    let tensor = try Tensor(shape: [2, 3], scalars: [1, 2, 3, 4, 5, 6])
    let reshaped = try tensor.reshaped(to: [3, 1, 2])
    #expect(reshaped.shape == [3, 1, 2])
    #expect(reshaped.scalars == tensor.scalars)
    #expect(throws: ShapeError.scalarCount(shape: [4], expected: 4, actual: 6)) {
      try tensor.reshaped(to: [4])
    }
  }

  @Test("Assigning an array of another count stops the program")
  func writtenCount() async {
    await #expect(processExitsWith: .failure) {
      var tensor = try Tensor(repeating: 0, shape: [2, 2])
      tensor.scalars.append(1)
    }
    await #expect(processExitsWith: .failure) {
      var tensor = try Tensor(repeating: 0, shape: [2, 2])
      tensor.scalars = [1, 2, 3]
    }
  }
}
