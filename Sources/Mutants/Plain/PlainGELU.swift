import Foundation
import PlumbModel
import PlumbVerdicts

/// y = x/2 · (1 + erf(x / √2)), by the complementary error function where 1 + erf cancels.
struct PlainGELU: PlainFunction {
  static let layer = LayerKind.gelu

  let x: Activation<Float>
  var function: (Double) -> Double = { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) { x = input.real("x") }

  static let mutants: [Mutant] =
    lastSteps + [
      truncated,
      mutant("tanh-form", "The tanh form is computed.") {
        $0.function = { x in x / (1 + exp(-2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) }
      },
      mutant("quick-gelu", "x·sigmoid(1.702·x) is computed.") { $0.function = { $0 / (1 + exp(-1.702 * $0)) } },
      mutant("silu", "x·sigmoid(x) is computed.") { $0.function = { $0 / (1 + exp(-$0)) } },
      mutant("root-of-2-forgotten", "The argument is not divided by √2.") { $0.function = { 0.5 * $0 * erfc(-$0) } },
      mutant("half-forgotten", "The result is not halved.") { $0.function = { $0 * erfc(-$0 / 2.0.squareRoot()) } },
      mutant("cancelling", "1 + erf is added up in Float32, and cancels for negative inputs.") {
        $0.function = { 0.5 * $0 * Double(1 + erf(Float($0 / 2.0.squareRoot()))) }
      },
      mutant("cut-at-minus-5", "Inputs below −5 give 0.") {
        $0.function = { $0 < -5 ? 0 : 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }
      },
    ]
}
