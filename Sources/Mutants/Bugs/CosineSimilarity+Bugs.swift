import PlumbLayers
import PlumbModel
import PlumbTolerance

extension CosineSimilarity: Plantable where Context: BugContext {
  static var layer: LayerKind { .cosineSimilarity }

  static var bugs: [Bug<Self>] {
    [
      mutant("root-forgotten", "The squares of the norms are divided by.") { $0.norm = { $0 } },
      mutant("second-norm-forgotten", "Only the first norm is divided by.") { $0.divisor = { a, _ in a } },
      mutant("not-divided", "The dot product is given.") { $0.divisor = { a, _ in a.parameter(1) } },
      mutant("epsilon-added", "1e-8 is added to the product of the norms.") {
        $0.divisor = { $0 * $1 + 1e-8 }
      },
      mutant("epsilon-forgotten", "Norms below epsilon are divided by.") { $0.epsilon = 0 },
      mutant("squares-in-float32", "Products and sums are kept in Float32, which they overflow.") {
        $0.keepSums(in: .float32)
      },
      mutant("sums-in-bf16", "Products and sums are kept in bfloat16.") {
        $0.keepSums(in: .bfloat16)
      },
      resultInBfloat16,
      truncated,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }

  /// Keeps products and sums in `format`.
  private mutating func keepSums(in format: FloatFormat) {
    squares = { $0.dot($0, in: format) }
    quotient = { x, y, divisor in
      (x.dot(y, in: format) / divisor).or(divisor.parameter(0), where: divisor.isAbove(0).map { !$0 })
    }
  }
}
