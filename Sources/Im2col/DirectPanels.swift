import CKernels

/// The kernel as panels of up to 32 output channels of one group, packed one after the other or read in
/// place.
///
///     kernel   row 0   | panel 0 | panel 1 | 2 |           packed   | panel 0: rows 0 1 2 ... | panel 1: ... |
///              row 1   | panel 0 | panel 1 | 2 |
struct DirectPanels: Sendable {
  /// A range of panels of one group.
  struct Part {
    let group: Int
    /// Indices among the panels of all groups.
    let panels: Range<Int>
    /// Indices among all output channels.
    let channels: Range<Int>
  }

  let geometry: ConvolutionGeometry
  let packs: Bool
  /// Output channels of a panel: 32, or fewer if a group has fewer.
  let width: Int
  let panelsOfGroup: Int

  /// - Parameter packs: whether panels are copied; unpacked panels have a multiple of 8 channels.
  init(_ geometry: ConvolutionGeometry, packs: Bool) {
    (self.geometry, self.packs) = (geometry, packs)
    let outputs = geometry.groupOutputChannels
    width = min(DirectRule.panel, DirectRule.roundedUpToMultiple(outputs))
    panelsOfGroup = (outputs + width - 1) / width
  }

  /// The number of panels of all groups.
  var count: Int { geometry.groups * panelsOfGroup }
  /// The stage that packs the panels, one per unit.
  var stages: [Int] { packs ? [count] : [] }
  /// The number of scalars of all packed panels.
  var floats: Int { packs ? count * width * geometry.patchLength : 0 }
  /// The distance in scalars between two panels of a group.
  var stride: Int { packs ? width * geometry.patchLength : width }
  /// The distance in scalars between two rows of a panel.
  var rowStride: Int { packs ? width : geometry.outputChannels }

  /// Splits a range of panels at the boundaries of groups.
  func byGroup(_ panels: Range<Int>) -> [Part] {
    guard let last = panels.last else { return [] }
    return (panels.lowerBound / panelsOfGroup...last / panelsOfGroup).map { group in
      let part = panels.clamped(to: group * panelsOfGroup..<(group + 1) * panelsOfGroup)
      let first = group * geometry.groupOutputChannels, end = first + geometry.groupOutputChannels
      let channel = { (panel: Int) in min(first + (panel - group * panelsOfGroup) * width, end) }
      return Part(group: group, panels: part, channels: channel(part.lowerBound)..<channel(part.upperBound))
    }
  }

  /// Returns the start of row `row` of the first panel of a part.
  func start(_ part: Part, row: Int, _ operands: PassOperands) -> UnsafePointer<Float> {
    packs
      ? UnsafePointer(operands.shared) + part.panels.lowerBound * stride + row * width
      : operands.kernel + row * geometry.outputChannels + part.channels.lowerBound
  }

  /// Packs one panel, with zeros after the last channel of its group.
  func pack(_ panel: Int, _ operands: PassOperands) {
    for part in byGroup(panel..<panel + 1) {
      ckernels_pack_panels(
        operands.kernel + part.channels.lowerBound, Int64(geometry.patchLength), Int64(part.channels.count),
        Int64(geometry.outputChannels), Int64(width), operands.shared + panel * stride)
    }
  }
}
