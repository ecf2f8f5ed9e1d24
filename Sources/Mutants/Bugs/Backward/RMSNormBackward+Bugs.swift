import PlumbLayers
import PlumbModel

extension RMSNormBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .rmsNormBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("projection-forgotten", "The gradient through the mean square is left out.") {
        $0.subtracted = { $0.parameter(0) }
      },
      mutant("projection-added", "The gradient through the mean square is added.") { $0.subtracted = { -$0 } },
      mutant("projection-doubled", "The gradient through the mean square is taken twice, as that of x².") {
        $0.subtracted = { 2 * $0 }
      },
      mutant("sum-for-mean", "The sum of products is not divided.") { $0.count = $0.exact(1) },
      mutant("n-minus-1", "The sum of products is divided by n − 1.") {
        $0.count = $0.exact(max($0.norm.x.columns - 1, 1))
      },
      mutant("last-product-skipped", "The last product of a row of two or more is left out of the sum.") {
        $0.dot = { $0.prefix(max($0.count - 1, 1)).dot($1.prefix(max($1.count - 1, 1))) }
      },
      mutant("sum-in-bf16", "The sum of products is kept in bfloat16.") { $0.dot = { $0.dot($1, in: .bfloat16) } },
      mutant("weight-forgotten", "The weight is not applied.") { $0.weighted = { gradient, _ in gradient } },
      mutant("weight-twice", "The weight is applied twice.") { $0.weighted = { $0 * $1 * $1 } },
      mutant("factor-forgotten", "The difference is not divided by the root.") { $0.scale = { $0.parameter(1) } },
      mutant("factor-squared", "The difference is divided by the mean square.") { $0.scale = { $0 * $0 } },
      mutant("epsilon-forgotten", "Epsilon is not added.") { $0.norm.epsilon = $0.parameter(0) },
      mutant("epsilon-tenfold", "Epsilon is ten times too large.") { $0.norm.epsilon = $0.norm.epsilon * 10 },
      mutant("normalised-in-bf16", "The normalised row is kept in bfloat16.") {
        $0.norm.normalised = { $0.rounded(to: .bfloat16) }
      },
      signFlipped, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
