import PlumbModel

/// The 8-bit numbers that a kernel makes of the inputs of a product with weights, before it multiplies.
///
/// Source of the first three: ggml's `quantize_row_q8_0`, `quantize_row_q8_1` and `quantize_row_q8_K`, whose vector code multiplies by
/// 127/greatest and rounds ties to even where the plain code multiplies by 1/d and rounds them away from 0.
package enum QuantisedActivations: String, Sendable, Hashable, CaseIterable {
  /// Integers up to 127 in blocks of 32, with the scale greatest/127 stored in binary16.
  case q80 = "q8_0"
  /// Integers up to 127 in blocks of 256, with a scale in Float32.
  case q8K = "q8_k"
  /// Integers up to 127 with one scale in Float32 for each row.
  case int8
  /// Integers up to 127 with one scale in Float32 for the whole tensor.
  case int8OfTensor = "int8-tensor"
  /// E4M3 with one scale in Float32 for each row, that of a greatest magnitude of 1/512 or more.
  case fp8
  /// E4M3 with a scale in Float32 for each block of 128, that of a greatest magnitude of 10⁻⁴ or more.
  case fp8OfBlocks = "fp8-blocks"
  /// The ones that llama.cpp has for each type of weights, which only a file tells.
  case ggml

  /// The number of neighbouring inputs that share a scale; `nil` where a whole row does.
  var block: Int? {
    switch self {
    case .q80: 32
    case .q8K: 256
    case .fp8OfBlocks: 128
    case .int8, .int8OfTensor, .fp8, .ggml: nil
    }
  }

  /// The numbers that inputs are rounded to, in units of the scale.
  var grid: FloatFormat { isInteger ? Self.integers : .e4m3 }

  /// Integers of 8 bits, of which −128 is not used: numbers that lie 1 apart.
  private static let integers = FloatFormat(
    name: "int8", precision: 8, leastExponent: 0, greatest: 127, hasInfinities: false, saturates: true)

  /// Whether the products of a block are whole numbers, which are added exactly.
  var isInteger: Bool { self != .fp8 && self != .fp8OfBlocks }

  /// The format of the scale.
  var scale: FloatFormat { self == .q80 ? .float16 : .float32 }

  /// The greatest magnitude that the scale is made of where that of the inputs is less.
  ///
  /// Sources: vLLM's dynamic scale per token is at least 1/(448·512); DeepGEMM's is of at least 10⁻⁴.
  var leastGreatest: Double {
    switch self {
    case .fp8: 0x1p-9
    case .fp8OfBlocks: 1e-4
    default: 0
    }
  }

  /// Whether a case of a single layer tells everything that the quantiser depends on.
  package var isOfAnyWeight: Bool { self != .ggml }
}

extension QuantisedActivations {
  /// The inputs that llama.cpp's processor kernels multiply with weights of some type.
  package enum Kind: Sendable {
    /// As they are.
    case kept
    /// Rounded to a format, or as they are.
    case rounded(FloatFormat)
    /// Quantised.
    case quantised(QuantisedActivations)
    /// As `q80`, and beside them the sum of each block, in binary16, for the weights' minima.
    case withSums
  }

  /// The inputs for weights of `type`.
  ///
  /// Source: `vec_dot_type` in ggml's `type_traits_cpu`.
  package func kind(for type: TensorType) -> Kind {
    guard self == .ggml else { return .quantised(self) }
    switch type {
    case .f32, .f64: return .kept
    case .f16: return .rounded(.float16)
    case .bf16: return .rounded(.bfloat16)
    case .q4_0, .q5_0, .q8_0, .iq4_NL, .mxfp4: return .quantised(.q80)
    case .q4_1, .q5_1: return .withSums
    case .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_XS: return .quantised(.q8K)
    }
  }
}
