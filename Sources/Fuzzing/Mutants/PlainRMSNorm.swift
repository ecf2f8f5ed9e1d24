import PlumbDrift
import PlumbModel

/// y = x / √(mean(x²) + epsilon) · weight, along the last axis.
struct PlainRMSNorm: PlainLayer {
  static let layer = LayerKind.rmsNorm

  let x: Activation<Float>
  var weight: [Double]
  var epsilon: Double
  /// The columns whose squares are added.
  var counted: Range<Int>
  /// What the sum of the squares is divided by.
  var count: Double
  /// Whether the mean is subtracted first.
  var isCentred = false
  /// What becomes of each input.
  var read: (Double) -> Double = { $0 }
  /// What becomes of each partial sum of squares.
  var partial: (Double) -> Double = { $0 }
  /// The factor from the mean square and epsilon.
  var factor: (Double, Double) -> Double = { 1 / ($0 + $1).squareRoot() }
  /// What becomes of the normalised value before it meets the weight.
  var normalised: (Double) -> Double = { $0 }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) {
    x = input.real("x")
    let stored = input.real("weight").elements.map(Double.init)
    weight = input.flag("addsOne") ? stored.map { $0 + 1 } : stored
    epsilon = Double(input.number("epsilon"))
    counted = 0..<x.columns
    count = Double(x.columns)
  }

  func output() -> Activation<Float> {
    var result: [Float] = []
    for index in 0..<x.rows {
      var row = x.row(index).map { read(Double($0)) }
      if isCentred {
        let mean = row.reduce(0, +) / Double(row.count)
        row = row.map { $0 - mean }
      }
      let sum = counted.reduce(0.0) { partial($0 + partial(row[$1] * row[$1])) }
      let factor = factor(sum / count, epsilon)
      result += zip(row, weight).map { round(normalised($0 * factor) * $1) }
    }
    return Activation(shape: x.shape, elements: result)
  }

  static let mutants: [Mutant] = [
    mutant("epsilon-outside-root", "Epsilon is added to the root instead of inside it.") {
      $0.factor = { 1 / ($0.squareRoot() + $1) }
    },
    mutant("epsilon-tenfold", "Epsilon is ten times too large.") { $0.epsilon *= 10 }.restated {
      $0.source.setting("epsilon", .real($0.number("epsilon") * 10))
    },
    mutant("epsilon-tenth", "Epsilon is ten times too small.") { $0.epsilon /= 10 }.restated {
      $0.source.setting("epsilon", .real($0.number("epsilon") / 10))
    },
    mutant("epsilon-forgotten", "Epsilon is not added.") { $0.epsilon = 0 }.restated {
      $0.source.setting("epsilon", .real(0))
    },
    mutant("epsilon-1e-6", "Epsilon is 1e-6 whatever the model says.") { $0.epsilon = Double(Float(1e-6)) }.restated {
      $0.source.setting("epsilon", .real(1e-6))
    },
    mutant("n-minus-1", "The mean square is taken over n − 1.") { $0.count = max($0.count - 1, 1) },
    mutant("sum-for-mean", "The sum of the squares is not divided.") { $0.count = 1 },
    mutant("mean-subtracted", "The mean is subtracted, as layer normalisation does.") { $0.isCentred = true },
    mutant("root-forgotten", "The mean square is divided by, not its root.") { $0.factor = { 1 / ($0 + $1) } },
    mutant("last-square-skipped", "The last element of a row of two or more is not squared in.") {
      $0.counted = 0..<max($0.x.columns - 1, 1)
    },
    mutant("vector-squares-only", "Squares that do not fill a vector of eight are left out.") {
      $0.counted = 0..<$0.x.columns / 8 * 8
    },
    mutant("weight-forgotten", "The weight is not applied.") { $0.weight = $0.weight.map { _ in 1 } }.restated {
      input in
      let ones = input.real("weight").map { _ in Float(1) }
      return input.source.replacing("weight", ones).setting("addsOne", .flag(false))
    },
    mutant("weight-plus-1", "1 is added to the weight once more than it should be.") {
      $0.weight = $0.weight.map { $0 + 1 }
    }.restated { $0.flag("addsOne") ? nil : $0.source.setting("addsOne", .flag(true)) },
    mutant("weight-shifted", "Each element takes the next one's weight.") {
      $0.weight = Array($0.weight.dropFirst() + $0.weight.prefix(1))
    }.restated(changing: "weight") { weight, _ in
      Activation(shape: weight.shape, elements: Array(weight.elements.dropFirst() + weight.elements.prefix(1)))
    },
    mutant("squares-in-float32", "Squares and their sum are kept in Float32, which they overflow.") {
      $0.partial = { NarrowFormat.float32.rounded($0) }
    },
    mutant("squares-in-bf16", "The sum of the squares is kept in bfloat16.") {
      $0.partial = { NarrowFormat.bfloat16.rounded($0) }
    },
    mutant("input-in-bf16", "The input is kept in bfloat16.") { $0.read = { NarrowFormat.bfloat16.rounded($0) } }
      .restated(keeping: "x", in: .bfloat16),
    mutant("input-in-float16", "The input is kept in binary16.") { $0.read = { NarrowFormat.float16.rounded($0) } }
      .restated(keeping: "x", in: .float16),
    mutant("one-newton-step", "The reciprocal root is 12 bits and one step of Newton's, in Float32.") {
      $0.factor = { meanSquare, epsilon in
        let argument = Float(meanSquare + epsilon)
        let guess = Float(
          NarrowFormat(precision: 12, leastExponent: -149, greatest: 0x1p128)
            .rounded(1 / Double(argument).squareRoot()))
        return Double(guess * (1.5 - 0.5 * argument * guess * guess))
      }
    },
    mutant("rounded-twice", "The normalised value is rounded to Float32 before it meets the weight.") {
      $0.normalised = { NarrowFormat.float32.rounded($0) }
    },
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated },
    mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = LastRounding.flushed },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
  ]
}
