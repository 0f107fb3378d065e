import ConvNet

extension SplitMix64 {
  /// Returns parameters for a model that keep the values of every layer near 1.
  ///
  /// Kernels have the variance of he_normal, but are uniform, without outliers. Arrays with one axis are
  /// moved from their initial values, so that a missing bias, or a normalization by wrong statistics, is
  /// detected.
  package mutating func parameters(of model: Model) -> [Float] {
    var values = model.parameters
    for parameter in model.plan.parameters {
      let isKernel = parameter.plan.shape.count > 1
      let reach = isKernel ? (6 / Double(parameter.plan.fanIn)).squareRoot() : 0.3
      for index in parameter.range {
        values[index] = (isKernel ? 0 : values[index]) + Float(real() * reach)
      }
    }
    return values
  }
}
