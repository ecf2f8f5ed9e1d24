import PlumbModel

extension Engine {
  /// The logarithm of the softmax of every row: y = x − log Σ e^x.
  ///
  /// With m the greatest element, y = (x − m) − log(1 + Σ e^(x − m)), the sum over the others: neither term is positive, so
  /// that nothing cancels. Computed in Float64 and rounded once: y = fl32(exact·(1 + ε) + α),
  /// |ε| ≤ `logSoftmaxRelativeError(terms:)`, |α| ≤ 2⁻¹⁰⁰⁰.
  ///
  /// *Edge cases*: a row with NaN or an infinity is outside the domain.
  package static func logSoftmax(_ x: Activation<Float>) -> Activation<Float> {
    let rows = (0..<x.rows).map { logSoftmax(x.row($0)) }
    return Activation(shape: x.shape, elements: Array(rows.joined()))
  }

  private static func logSoftmax(_ x: ArraySlice<Float>) -> [Float] {
    guard let greatest = x.indices.max(by: { x[$0] < x[$1] }) else { return [] }
    let differences = x.map { Double($0) - Double(x[greatest]) }
    var powers = exponentials(differences)
    powers[greatest - x.startIndex] = 0
    let logarithm = logarithmOfOnePlus(powers.reduce(0, +))
    return differences.map { Float($0 - logarithm) }
  }
}
