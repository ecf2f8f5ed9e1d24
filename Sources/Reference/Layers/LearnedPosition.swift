import PlumbExact
import PlumbModel

extension Reference {
  /// Adds to each row of `x` `[tokens, hidden]` the row of its position; row 0 stands at `firstPosition`.
  ///
  /// *Error bound*: exact for exact inputs; otherwise encloses the true values, to `precision` bits.
  /// - Throws: `EnclosureError.argumentOutsideDomain` where a position has no row, or a weight is not finite.
  package static func learnedPosition(
    _ x: Activation<Ball>, _ layer: LearnedPositionLayer, firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    var elements: [Ball] = []
    for token in 0..<x.rows {
      let position = firstPosition + token
      guard 0..<layer.weight.rows ~= position else {
        throw .argumentOutsideDomain(
          function: "learnedPosition: position \(position), positions 0 ..< \(layer.weight.rows)")
      }
      let row = try row(position, of: layer.weight)
      elements += x.row(token).enumerated().map { ($1 + Ball(row[$0])).settled(precision) }
    }
    return Activation(shape: x.shape, elements: elements)
  }
}
