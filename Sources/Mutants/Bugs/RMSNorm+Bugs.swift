import PlumbLayers
import PlumbModel

extension RMSNorm: Plantable where Context: BugContext {
  static var layer: LayerKind { .rmsNorm }

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
      mutant("epsilon-forgotten", "Epsilon is not added.") { $0.epsilon = $0.parameter(0) }.restated {
        $0.source.setting("epsilon", .real(0))
      },
      mutant("epsilon-1e-6", "Epsilon is 1e-6 whatever the model says.") {
        $0.epsilon = $0.parameter(Double(Float(1e-6)))
      }
      .restated {
        $0.source.setting("epsilon", .real(1e-6))
      },
      mutant("n-minus-1", "The mean square is taken over n − 1.") {
        $0.count = $0.exact(max($0.x.columns - 1, 1))
      },
      mutant("sum-for-mean", "The sum of the squares is not divided.") { $0.count = $0.exact(1) },
      mutant("mean-subtracted", "The mean is subtracted, as layer normalisation does.") {
        $0.read = { $0 - $0.total / Double($0.count) }
      },
      mutant("root-forgotten", "The mean square is divided by, not its root.") { $0.factor = { 1 / ($0 + $1) } },
      mutant("last-square-skipped", "The last element of a row of two or more is not squared in.") {
        $0.counted = 0..<max($0.x.columns - 1, 1)
      },
      mutant("vector-squares-only", "Squares that do not fill a vector of eight are left out.") {
        $0.counted = 0..<$0.x.columns / 8 * 8
      },
      mutant("weight-forgotten", "The weight is not applied.") { $0.weight = $0.weight.parameter(1) }
        .restated {
          input in
          let ones = input.real("weight").map { _ in Float(1) }
          return input.source.replacing("weight", ones).setting("addsOne", .flag(false))
        },
      mutant("weight-plus-1", "1 is added to the weight once more than it should be.") {
        $0.weight = $0.weight + 1
      }.restated { $0.flag("addsOne") ? nil : $0.source.setting("addsOne", .flag(true)) },
      mutant("weight-shifted", "Each element takes the next one's weight.") {
        $0.weight = $0.weight.turned
      }.restated(changing: "weight") { weight, _ in
        Activation(shape: weight.shape, elements: Array(weight.elements.dropFirst() + weight.elements.prefix(1)))
      },
      mutant("squares-in-float32", "Squares and their sum are kept in Float32, which they overflow.") {
        $0.squares = { $0.dot($0, in: .float32) }
      },
      mutant("squares-in-bf16", "The sum of the squares is kept in bfloat16.") {
        $0.squares = { $0.dot($0, in: .bfloat16) }
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
      truncated,
      flushed,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
