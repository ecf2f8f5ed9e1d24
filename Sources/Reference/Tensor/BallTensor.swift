import PlumbExact
import PlumbModel

/// An activation of balls as rows that each have one power of two: what an `Activation<Ball>` is, in a form that is quick to
/// compute with.
///
/// A row is what belongs to one token or, of scores `[heads, tokens, positions]`, to one head and token; its elements stand
/// in the order of the activation's.
struct BallTensor: Sendable {
  let shape: [Int]
  let rows: [BallRow]

  /// Makes a tensor of `shape` from its rows.
  init(shape: [Int], rows: [BallRow]) {
    self.shape = shape
    self.rows = rows
  }

  /// The tensor of `activation`, cut into `count` rows of equal length.
  ///
  /// *Error bound*: encloses the activation; without error where it is exact and `precision` spans it.
  init(_ activation: Activation<Ball>, rows count: Int, precision: Int) {
    let length = count == 0 ? 0 : activation.elements.count / count
    shape = activation.shape
    rows = concurrentMap(count) { BallRow(activation.elements[$0 * length..<($0 + 1) * length], precision: precision) }
  }

  /// The tensor as an activation of balls, without error.
  var activation: Activation<Ball> {
    Activation(shape: shape, elements: Array(concurrentMap(rows.count) { rows[$0].balls }.joined()))
  }

  /// The same rows under another shape.
  func reshaped(_ shape: [Int]) -> BallTensor { BallTensor(shape: shape, rows: rows) }

  /// Each row through `transform`, on all cores.
  func map<Failure: Error>(
    shape: [Int]? = nil, _ transform: @Sendable (_ index: Int, _ row: BallRow) throws(Failure) -> BallRow
  ) throws(Failure) -> BallTensor {
    let transformed = try concurrentMap(rows.count) { index throws(Failure) in try transform(index, rows[index]) }
    return BallTensor(shape: shape ?? self.shape, rows: transformed)
  }

  /// Whether every radius is below two to the power of `top`.
  func isNarrower(thanPowerOfTwo top: Int) -> Bool { rows.allSatisfy { ($0.radiusTop ?? .min) <= top } }

  /// Each head of `[tokens, heads, elements]` followed by the row of `shared`, which all of them share.
  ///
  /// *Error bound*: encloses both; without error where `precision` spans them.
  func joiningHeads(_ shared: BallTensor, precision: Int) -> BallTensor {
    let (heads, size, added) = (shape[1], shape[2], shared.shape.last ?? 0)
    return map(shape: [shape[0], heads, size + added]) { index, row in
      let end = shared.rows[index].part(0..<added)
      return BallRow((0..<heads).flatMap { [row.part($0 * size..<($0 + 1) * size), end] }, precision: precision)
    }
  }

  /// The tensor without digits that nobody can use: a token's that are 2^−24 of the radius of the best known token after it,
  /// for what is computed from the later ones is no better known.
  ///
  /// *Error bound*: encloses this tensor.
  var levelled: BallTensor {
    var least: Int?
    var levelled: [BallRow] = []
    for row in rows.reversed() {
      levelled.append(least.map { row.coarsened(toUnit: $0 - 24) } ?? row)
      guard let top = row.radiusTop else { return self }
      least = min(least ?? top, top)
    }
    return BallTensor(shape: shape, rows: levelled.reversed())
  }
}
