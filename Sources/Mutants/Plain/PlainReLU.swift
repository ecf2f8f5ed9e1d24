import PlumbModel
import PlumbVerdicts

/// y = max(x, 0).
struct PlainReLU: PlainFunction {
  static let layer = LayerKind.relu

  let x: Activation<Float>
  var function: (Double) -> Double = { max($0, 0) }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) { x = input.real("x") }

  static let mutants: [Mutant] =
    lastSteps + [
      mutant("leaky", "Negative inputs are scaled by 0.01.") { $0.function = { $0 < 0 ? 0.01 * $0 : $0 } },
      mutant("magnitude", "The magnitude is given.") { $0.function = { $0.magnitude } },
      mutant("least", "The lesser of x and 0 is given.") { $0.function = { min($0, 0) } },
      mutant("cut-at-6", "Inputs above 6 give 6.") { $0.function = { min(max($0, 0), 6) } },
      mutant("squared", "The result is squared.") { $0.function = { max($0, 0) * max($0, 0) } },
    ]
}
