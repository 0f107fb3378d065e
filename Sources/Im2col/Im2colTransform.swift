import CKernels

/// Returns the column matrix of a batch: every window as a row.
///
/// For study and tests; the convolutions of this package never build the whole matrix. For a 4x4 image, a 3x3
/// kernel and no padding:
///
///     0 1 2 3        0 1 2  4 5 6  8 9 a     window at row 0, column 0
///     4 5 6 7        1 2 3  5 6 7  9 a b     window at row 0, column 1
///     8 9 a b        4 5 6  8 9 a  c d e     window at row 1, column 0
///     c d e f        5 6 7  9 a b  d e f     window at row 1, column 1
///
/// - Parameters:
///   - input: `[batch, height, width, inputChannels]`, the input shape of the geometry.
///   - geometry: the convolution that defines the windows.
/// - Returns: `[batch * outputHeight * outputWidth, groups * kernelHeight * kernelWidth * inputChannels /
///   groups]`. A row is ordered by group, kernel row, kernel column and channel. Padding reads as 0.
/// - Throws: ``EngineError/shape(_:)`` if the shape of the input is not `geometry.inputShape`.
/// - Complexity: O(*n*), where *n* is the number of scalars of the result.
public func im2col(_ input: Tensor, _ geometry: ConvolutionGeometry) throws(EngineError) -> Tensor {
  try EngineError.require(input, geometry.inputShape, "the input")
  _ = try EngineError.shapes { () throws(ShapeError) in
    try ShapeError.elementCount(of: geometry.columnsShape, named: "column matrix")
  }
  var columns = Tensor(zeros: geometry.columnsShape)
  input.withUnsafeScalars { input in
    columns.withUnsafeMutableScalars { columns in
      geometry.forEachColumnRow { window, block, row in
        ckernels_im2col_pixels(window, block, input, columns + row)
      }
    }
  }
  return columns
}

/// The adjoint of `im2col`: adds every element of a column matrix to the input position that it was read
/// from, and drops elements that were read from padding.
///
/// For all `x` and `y`, the dot product of `im2col(x)` and `y` equals the dot product of `x` and `col2im(y)`.
///
/// - Parameters:
///   - columns: `[batch * outputHeight * outputWidth, groups * kernelHeight * kernelWidth * inputChannels /
///     groups]`.
///   - geometry: the convolution that defines the windows.
/// - Returns: `[batch, height, width, inputChannels]`.
/// - Throws: ``EngineError/shape(_:)`` if the shape of the columns is not `geometry.columnsShape`.
/// - Complexity: O(*n*), where *n* is the number of scalars of the columns.
public func col2im(_ columns: Tensor, _ geometry: ConvolutionGeometry) throws(EngineError) -> Tensor {
  try EngineError.require(columns, geometry.columnsShape, "the column matrix")
  var input = Tensor(zeros: geometry.inputShape)
  columns.withUnsafeScalars { columns in
    input.withUnsafeMutableScalars { input in
      geometry.forEachColumnRow { window, block, row in
        ckernels_col2im_pixels(window, block, columns + row, input)
      }
    }
  }
  return input
}

extension ConvolutionGeometry {

  /// Calls `body` for every pixel and group, with the window, the block, and the offset of the block in the
  /// column matrix.
  fileprivate func forEachColumnRow(
    _ body: (UnsafePointer<ckernels_window>, UnsafePointer<ckernels_column_block>, Int) -> Void
  ) {
    let all = ColumnSlice(taps: 0..<window.taps, channels: 0..<groupInputChannels)
    withUnsafePointer(to: kernelWindow) { window in
      for pixel in 0..<pixels {
        for group in 0..<groups {
          var block = all.block(pixels: pixel..<pixel + 1, firstChannelOfGroup: group * groupInputChannels)
          body(window, &block, (pixel * groups + group) * patchLength)
        }
      }
    }
  }
}
