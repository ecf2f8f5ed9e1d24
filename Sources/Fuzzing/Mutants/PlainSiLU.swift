import Foundation
import PlumbDrift
import PlumbModel

/// y = x / (1 + e^(−x)), element by element.
struct PlainSiLU: PlainLayer {
  static let layer = LayerKind.silu

  let x: Activation<Float>
  var function: (Double) -> Double = { $0 / (1 + exp(-$0)) }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) { x = input.real("x") }

  func output() -> Activation<Float> { x.map { round(function(Double($0))) } }

  static let mutants: [Mutant] = [
    mutant("sigmoid-alone", "The factor x is forgotten.") { $0.function = { 1 / (1 + exp(-$0)) } },
    mutant("sign-of-exponent", "e^x stands where e^(−x) should.") { $0.function = { $0 / (1 + exp($0)) } },
    mutant("rectifier", "Negative inputs give 0 and positive ones pass.") { $0.function = { max(0, $0) } }.restated {
      LayerCase(layer: .relu, tensors: $0.source.tensors)
    },
    mutant("gelu-tanh", "The tanh form of GELU is computed.") {
      $0.function = { x in 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) }
    }.restated { LayerCase(layer: .geluTanh, tensors: $0.source.tensors) },
    mutant("gelu-erf", "GELU is computed.") { $0.function = { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) } }.restated {
      LayerCase(layer: .gelu, tensors: $0.source.tensors)
    },
    mutant("quick-gelu", "The sigmoid's argument is scaled by 1.702.") {
      $0.function = { $0 / (1 + exp(-1.702 * $0)) }
    },
    mutant("hard-swish", "The sigmoid is replaced by straight lines.") {
      $0.function = { $0 * min(max($0 + 3, 0), 6) / 6 }
    },
    mutant("sigmoid-in-float32", "The sigmoid is rounded to Float32 before the product.") {
      $0.function = { $0 * NarrowFormat.float32.rounded(1 / (1 + exp(-$0))) }
    },
    mutant("sigmoid-in-bf16", "The sigmoid is kept in bfloat16.") {
      $0.function = { $0 * NarrowFormat.bfloat16.rounded(1 / (1 + exp(-$0))) }
    },
    mutant("float32-overflow", "e^(−x) is a Float32, and overflows where the result is still a number.") {
      $0.function = { $0 / (1 + Double(exp(Float(-$0)))) }
    },
    mutant("fast-exponential", "The exponential is read off the bits of a Float32, as Schraudolph's is.") {
      $0.function = { x in
        let bits = max(0, 0x1p23 * (-x / log(2.0) + 127 - 0.0437))
        return x / (1 + Double(Float(bitPattern: UInt32(min(bits, 0x7F7F_FFFF)))))
      }
    },
    mutant("cut-at-minus-20", "Inputs below −20 give 0.") { $0.function = { $0 < -20 ? 0 : $0 / (1 + exp(-$0)) } },
    mutant("cut-at-plus-10", "Inputs above 10 pass unchanged.") {
      $0.function = { $0 > 10 ? $0 : $0 / (1 + exp(-$0)) }
    },
    mutant("input-in-float16", "The input is kept in binary16.") {
      $0.function = { x in
        let narrow = NarrowFormat.float16.rounded(x)
        return narrow / (1 + exp(-narrow))
      }
    }.restated(keeping: "x", in: .float16),
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated },
    mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = LastRounding.flushed },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
  ]
}
