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

  /// All elements, held.
  package var activation: Activation<Ball> {
    Activation(shape: shape, elements: Array(concurrentMap(count) { row($0).balls }.joined()))
  }
}
