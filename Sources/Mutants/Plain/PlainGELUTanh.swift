import Foundation
import PlumbModel
import PlumbVerdicts

/// y = x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³))), as x / (1 + e^(−2z)), in which nothing cancels.
struct PlainGELUTanh: PlainLayer {
  static let layer = LayerKind.geluTanh

  let x: Activation<Float>
  var coefficient = 0.044715
  var scale = (2 / Double.pi).squareRoot()
  /// What a plain x and the tanh's argument give.
  var gate: (_ x: Double, _ argument: Double) -> Double = { $0 / (1 + exp(-2 * $1)) }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) { x = input.real("x") }

  func output() -> Activation<Float> {
    x.map { element in
      let x = Double(element)
      return round(gate(x, scale * (x + coefficient * x * x * x)))
    }
  }

  static let mutants: [Mutant] = [
    mutant("erf-form", "The form with erf is computed.") {
      $0.gate = { x, _ in 0.5 * x * erfc(-x / 2.0.squareRoot()) }
    },
    mutant("coefficient-0.0447", "The cubic coefficient has three digits.") { $0.coefficient = 0.0447 },
    mutant("cube-forgotten", "The cube is left out.") { $0.coefficient = 0 },
    mutant("scale-0.79788", "√(2/π) has five digits.") { $0.scale = 0.79788 },
    mutant("scale-root-of-pi", "√(2/π) is replaced by 2/√π.") { $0.scale = 2 / Double.pi.squareRoot() },
    mutant("half-forgotten", "The result is not halved.") { $0.gate = { 2 * $0 / (1 + exp(-2 * $1)) } },
    mutant("cancelling", "1 + tanh is added up in Float32, and cancels for negative inputs.") {
      $0.gate = { 0.5 * $0 * Double(1 + tanh(Float($1))) }
    },
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
  ]
}
