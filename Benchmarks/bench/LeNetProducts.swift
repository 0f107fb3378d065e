/// The products that a LeNet-5 training step makes of a chunk of 16 images, in the orientations in which
/// it makes them.
enum LeNetProducts {
  static let all: [ProductShape] = [
    // conv1: channels x pixels of one image, and the kernel's gradient as columns x channels.
    ProductShape(rows: 6, columns: 784, terms: 25),
    ProductShape(rows: 25, columns: 6, terms: 784),
    // conv2: pixels of a few images x channels; K x channels; and columns of the input's gradient.
    ProductShape(rows: 400, columns: 16, terms: 150),
    ProductShape(rows: 150, columns: 16, terms: 400, leftTransposed: true),
    ProductShape(rows: 400, columns: 150, terms: 16),
    // The dense layers: output, kernel gradient, input gradient.
    ProductShape(rows: 16, columns: 120, terms: 400),
    ProductShape(rows: 400, columns: 120, terms: 16, leftTransposed: true),
    ProductShape(rows: 16, columns: 400, terms: 120),
    ProductShape(rows: 16, columns: 84, terms: 120),
    ProductShape(rows: 120, columns: 84, terms: 16, leftTransposed: true),
    ProductShape(rows: 16, columns: 120, terms: 84),
    ProductShape(rows: 16, columns: 10, terms: 84),
    ProductShape(rows: 84, columns: 10, terms: 16, leftTransposed: true),
    ProductShape(rows: 16, columns: 84, terms: 10),
  ]
}
