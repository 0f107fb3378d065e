import CKernels
import Im2col

/// A range of the parameters that one worker updates. If it holds rows of a kernel that ops use transposed,
/// the worker also transposes those rows while they are in its cache.
struct UpdateBlock: Sendable {
  let range: Range<Int>
  /// The kernel that holds the range, and the rows of the range.
  let transpose: (kernel: KernelTranspose, rows: Range<Int>)?

  /// Parameters in a block: tens of kilobytes with their gradients and moments.
  static let scalars = 8_192
  /// The approximate number of blocks of a large model.
  static let maxBlocks = 64

  /// Divides all parameters into blocks.
  static func cut(parameters count: Int, transposes: [KernelTranspose]) -> [UpdateBlock] {
    let size = max(scalars, count / maxBlocks)
    var blocks: [UpdateBlock] = []
    var start = 0
    func plain(to end: Int) {
      while start < end {
        let next = min(start + size, end)
        blocks.append(UpdateBlock(range: start..<next, transpose: nil))
        start = next
      }
    }
    for kernel in transposes {
      plain(to: kernel.kernelStart)
      let rows = max(1, size / kernel.columns)
      for first in stride(from: 0, to: kernel.rows, by: rows) {
        let rows = first..<min(first + rows, kernel.rows)
        let range = kernel.kernelStart + rows.lowerBound * kernel.columns
        blocks.append(
          UpdateBlock(range: range..<range + rows.count * kernel.columns, transpose: (kernel, rows)))
      }
      start = kernel.kernelStart + kernel.rows * kernel.columns
    }
    plain(to: count)
    return blocks
  }

  /// Updates the transposed copy from the parameters.
  func prepare(from parameters: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>) {
    guard let (kernel, rows) = transpose else { return }
    ckernels_transpose(
      parameters + range.lowerBound, Int64(rows.count), Int64(kernel.columns), Int64(kernel.columns),
      prepared + kernel.preparedStart + rows.lowerBound, Int64(kernel.rows))
  }
}
