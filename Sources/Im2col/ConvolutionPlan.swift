/// Chooses a pass for each direction of a convolution, by its shape and the settings alone.
package enum ConvolutionPlan {
  /// `[batch, height, width, inputChannels]` and a kernel to an output in the settings' layout.
  package static func forward(_ geometry: ConvolutionGeometry, _ settings: PassSettings) -> any ConvolutionPass {
    Im2colForward(geometry, settings)
  }

  /// The output's gradient (in the settings' layout) and the kernel to
  /// `[batch, height, width, inputChannels]`.
  package static func inputGradient(_ geometry: ConvolutionGeometry, _ settings: PassSettings)
    -> any ConvolutionPass
  {
    Col2imInputGradient(geometry, settings)
  }

  /// The input and the output's gradient (in the settings' layout) to the kernel's shape.
  package static func kernelGradient(_ geometry: ConvolutionGeometry, _ settings: PassSettings)
    -> any ConvolutionPass
  {
    Im2colKernelGradient(geometry, settings)
  }

  /// The layout in which a fused layer's products run fastest: rows of pixels where there are fewer
  /// output channels than a vector has lanes.
  package static func preferredLayout(_ geometry: ConvolutionGeometry) -> PixelLayout {
    geometry.outputChannels < 16 && geometry.groups == 1 ? .channelsByPixels : .pixelsByChannels
  }
}
