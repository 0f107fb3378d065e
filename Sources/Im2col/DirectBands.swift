import CKernels

/// The images of a batch as bands whose windows lie inside: read in place, or copied with their padding.
///
///     image   a b c       band of output rows 0..<2     0 0 0 0 0
///             d e f       (3x3 windows, padding 1)      0 a b c 0
///             g h i                                     0 d e f 0
///                                                       0 g h i 0
///
/// A band holds some output rows of one image, or several whole images. The copy makes every window a set of
/// fixed offsets from its start, so no tile needs a special case at a border.
struct DirectBands: Sendable {
  /// A band, ready to be read.
  struct Prepared {
    /// The window over the band; none reaches beyond it.
    let window: ckernels_window
    let input: UnsafePointer<Float>
    /// Output pixels in the numbering of `window`.
    let pixels: Range<Int>
    /// The number of the first output pixel in the batch.
    let firstOutput: Int
  }

  let geometry: ConvolutionGeometry
  /// Whether a window reaches beyond the image, so that bands are copied.
  let isPadded: Bool
  private let images: EvenCut
  private let rows: EvenCut

  /// The number of bands.
  var count: Int { images.count * rows.count }
  /// Scalars of the largest copy; 0 if the image is read in place.
  var scalars: Int { isPadded ? images.size * DirectBands.scalars(geometry, rows: rows.size) : 0 }

  /// - Parameters:
  ///   - limit: the maximum number of scalars of a copy, enough for one output row.
  ///   - pixels: the number of output pixels that a band should not exceed.
  init(_ geometry: ConvolutionGeometry, atMost limit: Int, pixels: Int) {
    self.geometry = geometry
    isPadded = DirectBands.isPadded(geometry)
    let (height, width) = (geometry.window.height, geometry.window.width)
    let ofImage = isPadded ? DirectBands.scalars(geometry, rows: height.output) : 0
    if ofImage <= limit && geometry.pixelsPerImage <= pixels {
      let room = ofImage == 0 ? geometry.batch : limit / ofImage
      images = EvenCut(geometry.batch, atMost: min(room, pixels / geometry.pixelsPerImage))
      rows = EvenCut(height.output, atMost: height.output)
    } else {
      let ofRow = DirectBands.scalars(geometry, rows: 1)
      let ofNextRow = DirectBands.scalars(geometry, rows: 2) - ofRow
      let room = isPadded ? 1 + (limit - ofRow) / ofNextRow : height.output
      images = EvenCut(geometry.batch, atMost: 1)
      rows = EvenCut(height.output, atMost: min(room, max(1, pixels / width.output)))
    }
  }

  /// Whether a copy of one output row needs at most `limit` scalars.
  static func fit(_ geometry: ConvolutionGeometry, in limit: Int) -> Bool {
    !isPadded(geometry) || scalars(geometry, rows: 1) <= limit
  }

  /// Scalars of a copy for some output rows of one image.
  static func scalars(_ geometry: ConvolutionGeometry, rows: Int) -> Int {
    let (height, width) = (geometry.window.height, geometry.window.width)
    return height.span(rows) * width.span(width.output) * geometry.inputChannels
  }

  private static func isPadded(_ geometry: ConvolutionGeometry) -> Bool {
    [geometry.window.height, geometry.window.width].contains {
      $0.before > 0 || $0.span($0.output) - $0.before > $0.input
    }
  }

  /// Prepares band `index`; a copy is written to `scratch`.
  func prepare(_ index: Int, input: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>) -> Prepared {
    let (group, block) = index.quotientAndRemainder(dividingBy: rows.count)
    let (images, rows) = (images[group], rows[block])
    let (height, width) = (geometry.window.height, geometry.window.width)
    var window = geometry.kernelWindow
    let first = images.lowerBound * geometry.pixelsPerImage + rows.lowerBound * width.output
    let count = images.count * rows.count * width.output
    guard isPadded else {
      return Prepared(window: window, input: input, pixels: first..<first + count, firstOutput: first)
    }
    var band = ckernels_band(
      first_image: Int64(images.lowerBound), image_count: Int64(images.count),
      first_row: Int64(rows.lowerBound), height: Int64(height.span(rows.count)),
      width: Int64(width.span(width.output)))
    ckernels_pad_band(&window, &band, input, scratch)
    (window.input_height, window.input_width) = (band.height, band.width)
    (window.pad_top, window.pad_left) = (0, 0)
    window.output_height = Int64(rows.count)
    return Prepared(
      window: window, input: UnsafePointer(scratch), pixels: 0..<count, firstOutput: first)
  }
}

extension AxisGeometry {
  /// The number of positions, padding included, that `windows` neighboring windows span.
  fileprivate func span(_ windows: Int) -> Int { (windows - 1) * stride + extent }
}
