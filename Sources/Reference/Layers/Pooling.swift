import PlumbExact
import PlumbModel

extension Reference {
  /// The row that stands for a text whose tokens have the rows of `x`, `[1, hidden]`.
  ///
  /// *Error bound*: exact for exact inputs; otherwise encloses the true values, to `precision` bits.
  /// - Precondition: `x` has a row.
  package static func pooled(_ x: Activation<Ball>, _ pooling: Pooling, precision: Int) -> Activation<Ball> {
    precondition(x.rows > 0, "there is no row to pool")
    func column(_ index: Int) -> [Ball] { (0..<x.rows).map { x.elements[$0 * x.columns + index] } }
    let elements: [Ball] =
      switch pooling {
      case .first: Array(x.row(0))
      case .last: Array(x.row(x.rows - 1))
      case .mean:
        (0..<x.columns).map { index in
          let sum = column(index).reduce(Ball(0)) { $0 + $1 }
          return (sum * Ball(Rational(1, over: Integer(x.rows)))).settled(precision)
        }
      case .max:
        // The greatest number lies between the greatest lower end and the greatest upper end.
        (0..<x.columns).map { index in
          let all = column(index)
          return Ball(lower: all.map(\.lower).max() ?? 0, upper: all.map(\.upper).max() ?? 0)
        }
      }
    return Activation(shape: [1, x.columns], elements: elements)
  }
}
