import PlumbLayers
import PlumbModel

extension GELU: Plantable where Context: BugContext {
  static var layer: LayerKind { .gelu }

  static var bugs: [Bug<Self>] {
    [
      resultInBfloat16, resultInFloat16, flushed, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
      truncated,
      mutant("tanh-form", "The tanh form is computed.") { $0.function = { GELUTanh(.none, in: $0.context).value($0) } },
      mutant("quick-gelu", "x·sigmoid(1.702·x) is computed.") {
        $0.function = { $0 / (1 + (-1.702 * $0).exponential()) }
      },
      mutant("silu", "x·sigmoid(x) is computed.") { $0.function = { SiLU.value($0) } },
      mutant("root-of-2-forgotten", "The argument is not divided by √2.") {
        $0.function = { $0.halved(times: $0.onePlusErrorFunction()) }
      },
      mutant("half-forgotten", "The result is not halved.") { $0.function = { $0 * GELU.factor($0) } },
      mutant("cancelling", "1 + erf is added up in Float32, and cancels for negative inputs.") {
        $0.function = { x in
          let erf = GELU.argument(x).rounded(to: .float32).errorFunction().rounded(to: .float32)
          return 0.5 * x * (1 + erf).rounded(to: .float32)
        }
      },
      mutant("cut-at-minus-5", "Inputs below −5 give 0.") {
        $0.function = { GELU.value($0).or($0.parameter(0), where: (-$0).isAbove(5)) }
      },
    ]
  }
}
