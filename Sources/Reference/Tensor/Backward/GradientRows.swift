import PlumbExact
import PlumbModel

/// A gradient of balls, each row of which is computed when somebody asks for it: that of a matrix of weights has as many numbers
/// as the matrix, and few wish to hold them.
///
/// A row of an activation's is what belongs to a token.
package struct GradientRows: Sendable {
  /// The extents, outermost first.
  package let shape: [Int]
  /// The number of rows.
  package let count: Int
  /// Row `index`, which is computed again for each call.
  package let row: @Sendable (_ index: Int) -> BallRow
  /// The rows where they are held.
  let held: BallTensor?

  /// The rows of `tensor`.
  init(_ tensor: BallTensor) {
    shape = tensor.shape
    count = tensor.rows.count
    row = { tensor.rows[$0] }
    held = tensor
  }

  /// Rows of a tensor of weights of `shape`, a vector being one.
  init(weight shape: [Int], row: @escaping @Sendable (_ index: Int) -> BallRow) {
    self.shape = shape
    count = shape.count == 1 ? 1 : shape[0]
    self.row = row
    held = nil
  }

  /// The sum, row by row.
  func adding(_ other: GradientRows, precision: Int) -> GradientRows {
    if let held, let others = other.held {
      return GradientRows(Reference.residualAdd(held, others, precision: precision))
    }
    let (first, second) = (row, other.row)
    return GradientRows(weight: shape) { first($0).adding(second($0), precision: precision) }
  }

  /// Each row through `transform`, when it is asked for where the rows are.
  package func mapRows(_ transform: @escaping @Sendable (_ index: Int, _ row: BallRow) -> BallRow) -> GradientRows {
    if let held { return GradientRows(held.map { transform($0, $1) }) }
    let row = row
    return GradientRows(weight: shape) { transform($0, row($0)) }
  }

  /// The rows of `elements` in place of these, `nil` where one is not finite.
  package func replaced(by elements: [Float], precision: Int) -> GradientRows? {
    guard elements.allSatisfy(\.isFinite) else { return nil }
    return mapRows { index, row in
      BallRow(
        elements[index * row.count..<(index + 1) * row.count].map { Ball(Rational(exactly: $0) ?? 0) },
        precision: precision)
    }
  }

  /// The rows with `addends` added, one to each element.
  package func adding(_ addends: [Double], precision: Int) -> GradientRows {
    mapRows { index, row in
      let own = addends[index * row.count..<(index + 1) * row.count].map { Ball(Rational(exactly: $0) ?? 0) }
      return row.adding(BallRow(own, precision: precision), precision: precision)
    }
  }

  /// The distances to these rows from `other`, which has as many: `other` − these.
  package func distances(to other: GradientRows, precision: Int) -> GradientRows {
    let row = other.row
    return mapRows { index, own in
      row(index).adding(own.scaled(by: Ball(-1), precision: precision), precision: precision)
    }
  }

  /// The Float64s next to the midpoints.
  package var doubles: [Double] {
    concurrentMap(count) { index in
      var values: [Double] = []
      row(index).eachDouble { _, value, _ in values.append(value) }
      return values
    }.flatMap { $0 }
  }

  /// All elements, held.
  package var activation: Activation<Ball> {
    Activation(shape: shape, elements: Array(concurrentMap(count) { row($0).balls }.joined()))
  }
}
