import PlumbModel
import PlumbVerdicts

/// y = (x − mean(x)) / √(variance(x) + epsilon) · weight + bias, along the last axis.
struct PlainLayerNorm: PlainLayer {
  static let layer = LayerKind.layerNorm

  let x: Activation<Float>
  var weight: [Double]
  /// One number a column; zeros where the layer has none.
  var bias: [Double]
  var epsilon: Double
  /// What the sum of the squared deviations is divided by.
  var count: Double
  /// The mean of a row, and its sum of squared deviations from a mean.
  var mean: ([Double]) -> Double = { row in
    // Measured from the first element, the sum loses little beside the deviations.
    let first = row.first ?? 0
    return first + row.reduce(0) { $0 + ($1 - first) } / Double(row.count)
  }
  var squares: (_ row: [Double], _ mean: Double) -> Double = { row, mean in
    row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }
  /// The divisor from the variance and epsilon.
  var divisor: (Double, Double) -> Double = { ($0 + $1).squareRoot() }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) {
    x = input.real("x")
    weight = input.real("weight").elements.map(Double.init)
    bias = input.optionalReal("bias")?.elements.map(Double.init) ?? []
    if bias.isEmpty { bias = [Double](repeating: 0, count: weight.count) }
    epsilon = Double(input.number("epsilon"))
    count = Double(x.columns)
  }

  func output() -> Activation<Float> {
    var result: [Float] = []
    for index in 0..<x.rows {
      let row = x.row(index).map(Double.init)
      let mean = mean(row)
      let divisor = divisor(squares(row, mean) / count, epsilon)
      result += row.indices.map { round((row[$0] - mean) / divisor * weight[$0] + bias[$0]) }
    }
    return Activation(shape: x.shape, elements: result)
  }

  static let mutants: [Mutant] = [
    mutant("epsilon-outside-root", "Epsilon is added to the root instead of inside it.") {
      $0.divisor = { $0.squareRoot() + $1 }
    },
    mutant("epsilon-tenfold", "Epsilon is ten times too large.") { $0.epsilon *= 10 },
    mutant("epsilon-forgotten", "Epsilon is not added.") { $0.epsilon = 0 },
    mutant("n-minus-1", "The variance is taken over n − 1.") { $0.count = max($0.count - 1, 1) },
    mutant("root-forgotten", "The variance is divided by, not its root.") { $0.divisor = { $0 + $1 } },
    mutant("mean-forgotten", "The mean is not subtracted.") { $0.mean = { _ in 0 } },
    mutant("mean-in-float32", "The mean is rounded to Float32.") { plain in
      let mean = plain.mean
      plain.mean = { NarrowFormat.float32.rounded(mean($0)) }
    },
    mutant("mean-of-squares", "The variance is the mean of squares less the square of the mean, in Float32.") {
      $0.squares = { row, mean in
        let squares = row.reduce(Float(0)) { $0 + Float($1) * Float($1) }
        return Double(max(0, squares / Float(row.count) - Float(mean) * Float(mean))) * Double(row.count)
      }
    },
    mutant("weight-forgotten", "The weight is not applied.") { $0.weight = $0.weight.map { _ in 1 } },
    mutant("bias-forgotten", "The bias is not added.") { $0.bias = $0.bias.map { _ in 0 } },
    mutant("bias-subtracted", "The bias is subtracted.") { $0.bias = $0.bias.map { -$0 } },
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated },
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
  ]
}
