import PlumbModel
import PlumbVerdicts

/// z[t, s] = Σᵢ x[t, i] · y[s, i] / (‖x[t]‖ · ‖y[s]‖), 0 where a row is wholly zero.
struct PlainCosineSimilarity: PlainLayer {
  static let layer = LayerKind.cosineSimilarity

  let x: Activation<Float>
  let y: Activation<Float>
  /// What becomes of each product and each sum.
  var partial: (Double) -> Double = { $0 }
  /// The divisor from the two sums of squares.
  var divisor: (Double, Double) -> Double = { $0.squareRoot() * $1.squareRoot() }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) {
    x = input.real("x")
    y = input.real("y")
  }

  func output() -> Activation<Float> {
    func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
      zip(a, b).reduce(0) { partial($0 + partial(Double($1.0) * Double($1.1))) }
    }
    let elements = (0..<x.rows).flatMap { token in
      (0..<y.rows).map { other in
        let (a, b) = (x.row(token), y.row(other))
        let (first, second) = (dot(a, a), dot(b, b))
        return first == 0 || second == 0 ? 0 : round(dot(a, b) / divisor(first, second))
      }
    }
    return Activation(shape: [x.rows, y.rows], elements: elements)
  }

  static let mutants: [Mutant] = [
    mutant("root-forgotten", "The squares of the norms are divided by.") { $0.divisor = { $0 * $1 } },
    mutant("second-norm-forgotten", "Only the first norm is divided by.") { $0.divisor = { a, _ in a.squareRoot() } },
    mutant("not-divided", "The dot product is given.") { $0.divisor = { _, _ in 1 } },
    mutant("epsilon-added", "1e-8 is added to the product of the norms.") {
      $0.divisor = { $0.squareRoot() * $1.squareRoot() + 1e-8 }
    },
    mutant("squares-in-float32", "Products and sums are kept in Float32, which they overflow.") {
      $0.partial = { NarrowFormat.float32.rounded($0) }
    },
    mutant("sums-in-bf16", "Products and sums are kept in bfloat16.") {
      $0.partial = { NarrowFormat.bfloat16.rounded($0) }
    },
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
  ]
}
