import CKernels

/// The kernel as panels of up to 32 output channels of one group: packed one behind the other, or where they lie.
///
///     kernel   row 0   | panel 0 | panel 1 | 2 |           packed   | panel 0: rows 0 1 2 ... | panel 1: ... |
///              row 1   | panel 0 | panel 1 | 2 |
struct DirectPanels: Sendable {
  /// Some panels of one group.
  struct Part {
    let group: Int
    /// Which of all groups' panels.
    let panels: Range<Int>
    /// Which of all output channels.
    let channels: Range<Int>
  }

  let geometry: ConvolutionGeometry
  let packs: Bool
  /// Output channels of a panel: 32, or less where a group has fewer.
  let width: Int
  let panelsOfGroup: Int

  /// - Parameter packs: whether panels are copied; those that are not have whole vectors of 8 channels.
  init(_ geometry: ConvolutionGeometry, packs: Bool) {
    (self.geometry, self.packs) = (geometry, packs)
    let outputs = geometry.groupOutputChannels
    width = min(DirectRule.panel, DirectRule.padded(outputs))
    panelsOfGroup = (outputs + width - 1) / width
  }

  /// Of all groups.
  var count: Int { geometry.groups * panelsOfGroup }
  /// The stage that packs them, a unit a panel.
  var stages: [Int] { packs ? [count] : [] }
  /// Scalars of all packed panels.
  var floats: Int { packs ? count * width * geometry.patchLength : 0 }
  /// Scalars from one panel of a group to the next.
  var stride: Int { packs ? width * geometry.patchLength : width }
  /// Scalars from one row of a panel to the next.
  var rowStride: Int { packs ? width : geometry.outputChannels }

  /// Cuts panels where one group ends and the next begins.
  func byGroup(_ panels: Range<Int>) -> [Part] {
    guard let last = panels.last else { return [] }
    return (panels.lowerBound / panelsOfGroup...last / panelsOfGroup).map { group in
      let part = panels.clamped(to: group * panelsOfGroup..<(group + 1) * panelsOfGroup)
      let first = group * geometry.groupOutputChannels, end = first + geometry.groupOutputChannels
      let channel = { (panel: Int) in min(first + (panel - group * panelsOfGroup) * width, end) }
      return Part(group: group, panels: part, channels: channel(part.lowerBound)..<channel(part.upperBound))
    }
  }

  /// Where row `row` of a part's first panel begins.
  func start(_ part: Part, row: Int, _ operands: PassOperands) -> UnsafePointer<Float> {
    packs
      ? UnsafePointer(operands.shared) + part.panels.lowerBound * stride + row * width
      : operands.kernel + row * geometry.outputChannels + part.channels.lowerBound
  }

  /// Copies one panel, with zeros beyond its group's last channel.
  func pack(_ panel: Int, _ operands: PassOperands) {
    for part in byGroup(panel..<panel + 1) {
      ckernels_pack_panels(
        operands.kernel + part.channels.lowerBound, Int64(geometry.patchLength), Int64(part.channels.count),
        Int64(geometry.outputChannels), Int64(width), operands.shared + panel * stride)
    }
  }
}
