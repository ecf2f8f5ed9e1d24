import PlumbLayers
import PlumbModel

extension GELUTanh: Plantable where Context: BugContext {
  static var layer: LayerKind { .geluTanh }

  static var bugs: [Bug<Self>] {
    [
      mutant("erf-form", "The form with erf is computed.") {
        $0.gate = { x, _ in GELU.value(x) }
      },
      mutant("coefficient-0.0447", "The cubic coefficient has three digits.") { $0.coefficient = $0.parameter(0.0447) },
      mutant("cube-forgotten", "The cube is left out.") { $0.coefficient = $0.parameter(0) },
      mutant("scale-0.79788", "√(2/π) has five digits.") { $0.scale = $0.parameter(0.79788) },
      mutant("scale-root-of-pi", "√(2/π) is replaced by 2/√π.") {
        $0.scale = $0.parameter(2 / Double.pi.squareRoot())
      },
      mutant("half-forgotten", "The result is not halved.") { $0.gate = { $0 * $1.onePlusHyperbolicTangent() } },
      mutant("cancelling", "1 + tanh is added up in Float32, and cancels for negative inputs.") {
        $0.gate = { x, argument in
          let tanh = argument.rounded(to: .float32).hyperbolicTangent().rounded(to: .float32)
          return 0.5 * x * (1 + tanh).rounded(to: .float32)
        }
      },
      resultInBfloat16,
      truncated,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
