import PlumbLayers
import PlumbModel

extension LayerNorm: Plantable where Context: BugContext {
  static var layer: LayerKind { .layerNorm }

  static var bugs: [Bug<Self>] {
    [
      mutant("epsilon-outside-root", "Epsilon is added to the root instead of inside it.") {
        $0.factor = { 1 / ($0.squareRoot() + $1) }
      },
      mutant("epsilon-tenfold", "Epsilon is ten times too large.") { $0.epsilon = $0.epsilon * 10 },
      mutant("epsilon-forgotten", "Epsilon is not added.") { $0.epsilon = $0.parameter(0) },
      mutant("n-minus-1", "The variance is taken over n − 1.") { $0.count = $0.exact(max($0.x.columns - 1, 1)) },
      mutant("root-forgotten", "The variance is divided by, not its root.") { $0.factor = { 1 / ($0 + $1) } },
      mutant("mean-forgotten", "The mean is not subtracted.") { $0.mean = { $0.number(0) } },
      mutant("mean-in-float32", "The mean is rounded to Float32.") { $0.mean = { $0.mean.rounded(to: .float32) } },
      mutant("mean-of-squares", "The variance is the mean of squares less the square of the mean, in Float32.") {
        $0.squares = { _, mean, row in
          let count = row.number(Double(row.count))
          let squares = (row.dot(row, in: .float32) / count).rounded(to: .float32)
          let narrow = mean.rounded(to: .float32)
          let square = (narrow * narrow).rounded(to: .float32)
          return (squares - square).rounded(to: .float32).rectified() * count
        }
      },
      mutant("weight-forgotten", "The weight is not applied.") { $0.weight = $0.weight.parameter(1) },
      mutant("bias-forgotten", "The bias is not added.") { $0.bias = nil },
      mutant("bias-subtracted", "The bias is subtracted.") { $0.bias = $0.bias.map { -$0 } },
      truncated,
      resultInBfloat16,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
