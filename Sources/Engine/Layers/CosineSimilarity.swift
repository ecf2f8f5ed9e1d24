import PlumbModel

extension Engine {
  /// The cosine of each row of `x` `[tokens, hidden]` with each row of `y` `[others, hidden]`, of whose norms none counts for less
  /// than `epsilon`: `[tokens, others]`.
  ///
  /// Computed in Float64 and rounded once: y = fl32(exact·(1 + ε) + α), |ε| and |α| at most
  /// `cosineSimilarityError(terms:)`. Products of two elements are exact and nothing over- or underflows before the last
  /// rounding, so every finite input is in the domain. With an epsilon above 0 the bound is that of the formula in Float64.
  ///
  /// *Edge cases*: 0 where a row is wholly zero.
  ///
  /// - Precondition: rows of `x` and `y` have equally many elements.
  package static func cosineSimilarity(
    _ x: Activation<Float>, _ y: Activation<Float>, epsilon: Float = 0
  ) -> Activation<Float> {
    precondition(x.columns == y.columns, "rows of \(x.columns) and of \(y.columns) elements")
    func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let others = (0..<y.rows).map { (row: y.row($0), norm: dot(y.row($0), y.row($0)).squareRoot()) }
    let elements = (0..<x.rows).flatMap { index -> [Float] in
      let row = x.row(index)
      let norm = dot(row, row).squareRoot()
      return others.map { other in
        norm == 0 || other.norm == 0
          ? 0 : Float(dot(row, other.row) / (max(norm, Double(epsilon)) * max(other.norm, Double(epsilon))))
      }
    }
    return Activation(shape: [x.rows, y.rows], elements: elements)
  }
}
