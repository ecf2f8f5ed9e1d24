import PlumbLayers
import PlumbModel

extension LayerNormBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .layerNormBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("mean-forgotten", "The gradient through the mean is left out.") { $0.mean = { $0.number(0) } },
      mutant("mean-added", "The gradient through the mean is added.") { $0.mean = { -$0.mean } },
      mutant("sum-for-mean", "The gradient through the mean is not divided.") { $0.mean = { $0.total } },
      mutant("projection-forgotten", "The gradient through the variance is left out.") {
        $0.share = { sum, _ in sum.parameter(0) }
      },
      mutant("projection-added", "The gradient through the variance is added.") { $0.share = { -($0 / $1) } },
      mutant("projection-doubled", "The gradient through the variance is taken twice.") {
        $0.share = { 2 * ($0 / $1) }
      },
      mutant("projection-undivided", "The gradient through the variance is not divided.") {
        $0.share = { sum, _ in sum }
      },
      mutant("n-minus-1", "The variance is taken over n − 1.") {
        $0.norm.count = $0.exact(max($0.norm.x.columns - 1, 1))
      },
      mutant("weight-forgotten", "The weight is not applied.") { $0.weighted = { gradient, _ in gradient } },
      mutant("factor-forgotten", "The difference is not divided by the root.") { $0.scale = { $0.parameter(1) } },
      mutant("factor-squared", "The difference is divided by the variance.") { $0.scale = { $0 * $0 } },
      mutant("epsilon-forgotten", "Epsilon is not added.") { $0.norm.epsilon = $0.parameter(0) },
      mutant("mean-of-x-forgotten", "The row's own mean is not subtracted.") { $0.norm.mean = { $0.number(0) } },
      mutant("normalised-in-bf16", "The normalised row is kept in bfloat16.") {
        $0.normalised = { $0.rounded(to: .bfloat16) }
      },
      signFlipped, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
