/// Numbers of 8 or 4 bits in place of a row's, with one scale for the row: q = x / s on a grid, with s = a / m or a power of two near it, a the
/// row's greatest magnitude and m the grid's greatest number; or x·g / s, g the scale of a whole tensor, with s the number of E4M3 nearest to g·a / m.
///
/// A row is whatever shares a scale: a token, a channel, a block of neighbours, a whole tensor. q is 0 where the row is zero; so is s
/// where no least greatest magnitude is given and s is no power of two.
/// Sources: `quantize_row_q8_0` and `quantize_row_q8_K` of ggml-org/ggml; `dynamic_scaled_int8_quant` and `dynamic_per_token_scaled_fp8_quant`
/// of vllm-project/vllm; Open Compute Project, *Microscaling Formats (MX)* 1.0.
package struct QuantizeLayer: Sendable, Hashable {
  /// The kind of numbers, and of their scale.
  package enum Scheme: String, Sendable, CaseIterable {
    /// Integers up to 127, with a scale that is stored as the kernel computes it.
    case int8
    /// Integers up to 127, with a scale that is stored in binary16, while the integers are made with it as it was before.
    case q80 = "q8_0"
    /// Integers up to 127, with a scale that has the sign other than that of the first element of the greatest magnitude, which becomes −127.
    case q8K = "q8_k"
    /// E4M3, with a scale that is stored as the kernel computes it.
    case fp8
    /// E5M2, with a scale that is stored as the kernel computes it.
    case e5m2 = "fp8-e5m2"
    /// E2M1, with a scale that is a power of two.
    case mxfp4
    /// E4M3, with a scale that is a power of two.
    case mxfp8
    /// E5M2, with a scale that is a power of two.
    case mxfp8E5M2 = "mxfp8-e5m2"
    /// E2M1, with a scale of E4M3 beside one of the whole tensor.
    case nvfp4
  }

  /// The kind of numbers, and of their scale.
  package var scheme: Scheme
  /// The rule for a scale that is a power of two.
  package var kind: ScaleRule.Kind
  /// The least greatest magnitude that a scale is made of where that of the row is less; 0 for none.
  package var least: Float
  /// The scale of the whole tensor, by which those of rows are multiplied where they are of E4M3.
  package var global: Float

  /// Makes the layer.
  package init(_ scheme: Scheme, rule: ScaleRule.Kind = .floor, least: Float = 0, global: Float = 1) {
    (self.scheme, kind, self.least, self.global) = (scheme, rule, least, global)
  }

  /// The numbers that a row's are rounded to, in units of its scale.
  package var grid: NumberGrid {
    switch scheme {
    case .int8, .q80, .q8K: .int8
    case .fp8, .mxfp8: .e4m3
    case .e5m2, .mxfp8E5M2: .e5m2
    case .mxfp4, .nvfp4: .e2m1
    }
  }

  /// The numbers that scales are stored as; `nil` where they are not rounded once more.
  package var scaleGrid: NumberGrid? { scheme == .q80 ? .float16 : rule?.grid }

  /// The rule for a scale that is a power of two or of E4M3; `nil` where it is a quotient.
  package var rule: ScaleRule? {
    switch scheme {
    case .int8, .q80, .q8K, .fp8, .e5m2: nil
    case .mxfp4, .mxfp8, .mxfp8E5M2: ScaleRule(kind, greatest: grid.greatest)
    case .nvfp4: ScaleRule(ofTensor: Double(global), greatest: grid.greatest)
    }
  }

  /// Whether the scale of `row` is negative: where scales have a sign, and the first element of the greatest magnitude is above 0.
  package func isNegative(_ row: ArraySlice<Float>) -> Bool {
    guard scheme == .q8K, let greatest = row.map(\.magnitude).max() else { return false }
    return row.first { $0.magnitude == greatest }.map { $0 > 0 } ?? false
  }
}
