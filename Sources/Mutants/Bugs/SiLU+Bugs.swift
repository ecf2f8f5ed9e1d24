import PlumbLayers
import PlumbModel
import PlumbVerdicts

extension SiLU: Plantable where Context: BugContext {
  static var layer: LayerKind { .silu }

  static var bugs: [Bug<Self>] {
    [
      mutant("sigmoid-alone", "The factor x is forgotten.") { $0.function = { 1 / (1 + (-$0).exponential()) } },
      mutant("sign-of-exponent", "e^x stands where e^(−x) should.") { $0.function = { $0 / (1 + $0.exponential()) } },
      mutant("rectifier", "Negative inputs give 0 and positive ones pass.") { $0.function = { $0.rectified() } }
        .restated {
          LayerCase(layer: .relu, tensors: $0.source.tensors)
        },
      mutant("gelu-tanh", "The tanh form of GELU is computed.") {
        $0.function = { x in
          let argument = 0.7978845608028654 * (x + 0.044715 * x * x * x)
          return 0.5 * x * (1 + argument.hyperbolicTangent())
        }
      }.restated { LayerCase(layer: .geluTanh, tensors: $0.source.tensors) },
      mutant("gelu-erf", "GELU is computed.") {
        $0.function = { 0.5 * $0 * (1 + ($0 / $0.parameter(2).squareRoot()).errorFunction()) }
      }.restated {
        LayerCase(layer: .gelu, tensors: $0.source.tensors)
      },
      mutant("quick-gelu", "The sigmoid's argument is scaled by 1.702.") {
        $0.function = { $0 / (1 + (-1.702 * $0).exponential()) }
      },
      mutant("hard-swish", "The sigmoid is replaced by straight lines.") {
        $0.function = { $0 * ($0 + 3).rising { min(max($0, 0), 6) } / 6 }
      },
      mutant("sigmoid-in-float32", "The sigmoid is rounded to Float32 before the product.") {
        $0.function = { $0 * (1 / (1 + (-$0).exponential())).rounded(to: .float32) }
      },
      mutant("sigmoid-in-bf16", "The sigmoid is kept in bfloat16.") {
        $0.function = { $0 * (1 / (1 + (-$0).exponential())).rounded(to: .bfloat16) }
      },
      mutant("float32-overflow", "e^(−x) is a Float32, and overflows where the result is still a number.") {
        $0.function = { $0 / (1 + (-$0).exponential().rounded(to: .float32)) }
      },
      mutant("fast-exponential", "The exponential is read off the bits of a Float32, as Schraudolph's is.") {
        $0.function = { $0 / (1 + (-$0).fastExponential()) }
      },
      mutant("cut-at-minus-20", "Inputs below −20 give 0.") {
        $0.function = { ($0 / (1 + (-$0).exponential())).or($0.parameter(0), where: (-$0).isAbove(20)) }
      },
      mutant("cut-at-plus-10", "Inputs above 10 pass unchanged.") {
        $0.function = { ($0 / (1 + (-$0).exponential())).or($0, where: $0.isAbove(10)) }
      },
      mutant("input-in-float16", "The input is kept in binary16.") {
        $0.function = { x in
          let narrow = x.rounded(to: .float16)
          return narrow / (1 + (-narrow).exponential())
        }
      }.restated(keeping: "x", in: .float16),
      resultInBfloat16,
      truncated,
      flushed,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
