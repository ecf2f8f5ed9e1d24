import PlumbModel
import PlumbVerdicts

/// y[t] = x[t] + weight[firstPosition + t].
struct PlainLearnedPosition: PlainLayer {
  static let layer = LayerKind.learnedPosition

  let x: Activation<Float>
  let weight: Activation<Float>
  /// The row of weights of a token, from the position of row 0, and how many there are.
  var position: (_ token: Int, _ first: Int, _ positions: Int) -> Int = { token, first, _ in first + token }
  var sum: (Double, Double) -> Double = { $0 + $1 }
  var round = LastRounding.nearest
  private let first: Int

  init(_ input: CheckedCase) {
    x = input.real("x")
    weight = input.real("weight")
    first = input.integer("firstPosition")
  }

  func output() -> Activation<Float> {
    let elements = (0..<x.rows).flatMap { token in
      zip(x.row(token), weight.row(position(token, first, weight.rows))).map { round(sum(Double($0), Double($1))) }
    }
    return Activation(shape: x.shape, elements: elements)
  }

  static let mutants: [Mutant] = [
    mutant("position-plus-1", "Positions count from 1.") { $0.position = { ($0 + $1 + 1) % $2 } },
    mutant("position-from-0", "Every call starts at position 0.") { $0.position = { token, _, _ in token } },
    mutant("first-position-for-all", "Every token takes the first one's position.") {
      $0.position = { _, first, _ in first }
    },
    mutant("positions-reversed", "Positions count from the end.") { $0.position = { $2 - 1 - $0 - $1 } },
    mutant("position-forgotten", "The position's row is not added.") { $0.sum = { x, _ in x } },
    mutant("layer-forgotten", "The position's row alone passes.") { $0.sum = { _, row in row } },
    mutant("added-twice", "The position's row is added twice.") { $0.sum = { $0 + 2 * $1 } },
    mutant("weight-in-float16", "The weight is kept in binary16.") {
      $0.sum = { $0 + NarrowFormat.float16.rounded($1) }
    },
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated },
    rowTailSkipped, vectorTailSkipped,
  ]
}
