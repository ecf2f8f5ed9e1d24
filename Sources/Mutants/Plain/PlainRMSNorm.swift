import PlumbModel

/// y = x / √(mean(x²) + epsilon) · weight, along the last axis.
struct PlainRMSNorm<Number: PlainNumber>: PlainForm {
  typealias Enclosing = PlainRMSNorm<Enclosed>
  static var layer: LayerKind { .rmsNorm }

  let x: Activation<Number>
  var weight: [Number]
  var epsilon: Number
  /// The columns whose squares are added.
  var counted: Range<Int>
  /// What the sum of the squares is divided by.
  var count: Number
  /// Whether the mean is subtracted first.
  var isCentred = false
  /// What becomes of each input.
  var read: @Sendable (Number) -> Number = { $0 }
  /// The format of each square and each partial sum of them, where there is one.
  var partial: NarrowFormat?
  /// The factor from the mean square and epsilon.
  var factor: @Sendable (Number, Number) -> Number = { ($0 + $1).reciprocalSquareRoot() }
  /// What becomes of the normalised value before it meets the weight.
  var normalised: @Sendable (Number) -> Number = { $0 }
  var round: @Sendable (Number) -> Number = { $0.nearest() }

  init(reading input: PlainInput<Number>) {
    x = input.real("x")
    let stored = input.real("weight").elements
    weight = input.flag("addsOne") ? stored.map { $0 + 1 } : stored
    epsilon = input.number("epsilon")
    counted = 0..<x.columns
    count = Number(Double(x.columns))
  }

  func result() -> Activation<Number> {
    var result: [Number] = []
    for index in 0..<x.rows {
      var row = x.row(index).map { read($0) }
      if isCentred {
        let mean = Number.sum(row) / Number(Double(row.count))
        row = row.map { $0 - mean }
      }
      let sum = Number.dot(row[counted], row[counted], in: partial)
      let factor = factor(sum / count, epsilon)
      result += zip(row, weight).map { round(normalised($0 * factor) * $1) }
    }
    return Activation(shape: x.shape, elements: result)
  }

  static var bugs: [Bug<Self>] {
    [
      mutant("epsilon-outside-root", "Epsilon is added to the root instead of inside it.") {
        $0.factor = { 1 / ($0.squareRoot() + $1) }
      },
      mutant("epsilon-tenfold", "Epsilon is ten times too large.") { $0.epsilon = $0.epsilon * 10 }.restated {
        $0.source.setting("epsilon", .real($0.number("epsilon") * 10))
      },
      mutant("epsilon-tenth", "Epsilon is ten times too small.") { $0.epsilon = $0.epsilon / 10 }.restated {
        $0.source.setting("epsilon", .real($0.number("epsilon") / 10))
      },
      mutant("epsilon-forgotten", "Epsilon is not added.") { $0.epsilon = 0 }.restated {
        $0.source.setting("epsilon", .real(0))
      },
      mutant("epsilon-1e-6", "Epsilon is 1e-6 whatever the model says.") { $0.epsilon = Number(Double(Float(1e-6))) }
        .restated {
          $0.source.setting("epsilon", .real(1e-6))
        },
      mutant("n-minus-1", "The mean square is taken over n − 1.") {
        $0.count = Number(Double(max($0.x.columns - 1, 1)))
      },
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
        $0.partial = .float32
      },
      mutant("squares-in-bf16", "The sum of the squares is kept in bfloat16.") {
        $0.partial = .bfloat16
      },
      mutant("input-in-bf16", "The input is kept in bfloat16.") { $0.read = { $0.rounded(to: .bfloat16) } }
        .restated(keeping: "x", in: .bfloat16),
      mutant("input-in-float16", "The input is kept in binary16.") { $0.read = { $0.rounded(to: .float16) } }
        .restated(keeping: "x", in: .float16),
      mutant("one-newton-step", "The reciprocal root is 12 bits and one step of Newton's, in Float32.") {
        $0.factor = { meanSquare, epsilon in
          let argument = (meanSquare + epsilon).rounded(to: .float32)
          let guess = argument.reciprocalSquareRoot().rounded(to: .twelveBits)
          let half = (0.5 * argument * guess).rounded(to: .float32)
          let correction = (1.5 - (half * guess).rounded(to: .float32)).rounded(to: .float32)
          return (guess * correction).rounded(to: .float32)
        }
      },
      mutant("rounded-twice", "The normalised value is rounded to Float32 before it meets the weight.") {
        $0.normalised = { $0.rounded(to: .float32) }
      },
      mutant("truncated", "The result is cut off instead of rounded.") { $0.round = { $0.truncated() } },
      mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = { $0.flushed() } },
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}

extension PlainRMSNorm: PlainLayer where Number == Double {}
