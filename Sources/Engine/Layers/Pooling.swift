import PlumbModel

extension Engine {
  /// The row that stands for a text whose tokens have the rows of `x`, `[1, hidden]`.
  ///
  /// A mean is computed in Float64, from the first row on, and rounded once.
  ///
  /// - Precondition: `x` has a row.
  package static func pooled(_ x: Activation<Float>, _ pooling: Pooling) -> Activation<Float> {
    precondition(x.rows > 0, "there is no row to pool")
    func reduced<T>(_ start: T, _ step: (T, Float) -> T) -> [T] {
      (0..<x.columns).map { index in (0..<x.rows).reduce(start) { step($0, x.elements[$1 * x.columns + index]) } }
    }
    let elements: [Float] =
      switch pooling {
      case .first: Array(x.row(0))
      case .last: Array(x.row(x.rows - 1))
      case .mean: reduced(0.0) { $0 + Double($1) }.map { Float($0 / Double(x.rows)) }
      // A number that is not one stays so.
      case .max: reduced(-Float.infinity) { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) }
      }
    return Activation(shape: [1, x.columns], elements: elements)
  }
}
