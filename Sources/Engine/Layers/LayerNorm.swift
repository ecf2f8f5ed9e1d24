import PlumbModel

extension Engine {
  /// Layer normalisation of every row: y = (x − mean(x)) / √(variance(x) + epsilon) · weight + bias.
  ///
  /// Computed in Float64 and rounded once: y = fl32(exact·(1 + ε) + α), |ε| ≤ `layerNormRelativeError(terms:)`,
  /// |α| ≤ |bias|·`layerNormRelativeError(terms:)` + |weight|·`layerNormAbsoluteError(terms:)`, where exact uses the weight
  /// and the bias in Float32. Nothing over- or underflows before the last rounding, so every finite input is in the domain.
  ///
  /// *Edge cases*: a row of equal elements gives the bias, or NaN where epsilon is 0. A negative epsilon is outside the
  /// domain.
  ///
  /// - Precondition: a row of `x` has as many elements as the weight and the bias.
  package static func layerNorm(
    _ x: Activation<Float>, _ layer: LayerNormLayer, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    let weight = decoded(layer.weight, instructionSet: instructionSet)
    let bias = layer.bias.map { decoded($0, instructionSet: instructionSet) }
    precondition(x.columns == weight.count, "tensor '\(layer.weight.name)' has \(weight.count) elements")
    precondition(x.columns == bias?.count ?? x.columns, "'\(layer.weight.name)' and its bias differ")
    let rows = (0..<x.rows).map { index -> [Float] in
      let normalised = normalised(x.row(index), epsilon: layer.epsilon)
      return normalised.indices.map { Float(normalised[$0] * Double(weight[$0]) + Double(bias?[$0] ?? 0)) }
    }
    return Activation(shape: x.shape, elements: Array(rows.joined()))
  }

  /// (x − mean(x)) / √(variance(x) + epsilon) in Float64.
  ///
  /// The mean is that of the differences to the first element: they are as small as the deviations are, so that what
  /// their sum loses is small beside the deviations too, however far from 0 the elements lie.
  private static func normalised(_ x: ArraySlice<Float>, epsilon: Float) -> [Double] {
    guard let first = x.first else { return [] }
    let differences = x.map { Double($0) - Double(first) }
    let mean = differences.reduce(0, +) / Double(x.count)
    let deviations = differences.map { $0 - mean }
    let variance = deviations.reduce(0) { $0 + $1 * $1 } / Double(x.count)
    let root = (variance + Double(epsilon)).squareRoot()
    return deviations.map { $0 / root }
  }
}
