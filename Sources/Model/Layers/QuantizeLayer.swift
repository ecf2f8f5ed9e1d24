/// Numbers of 8 bits in place of a row's, with one scale for the row: q = x / s on a grid, s = a / m, with a the row's greatest magnitude and
/// m the grid's greatest number.
///
/// A row is whatever shares a scale: a token, a channel, a block of neighbours, a whole tensor. q is 0 where the row is zero, and so is s
/// where no least greatest magnitude is given.
/// Sources: `quantize_row_q8_0` of ggml-org/ggml; `dynamic_scaled_int8_quant` and `dynamic_per_token_scaled_fp8_quant` of
/// vllm-project/vllm.
package struct QuantizeLayer: Sendable, Hashable {
  /// The kind of numbers, and of their scale.
  package enum Scheme: String, Sendable, CaseIterable {
    /// Integers up to 127, with a scale that is stored as the kernel computes it.
    case int8
    /// Integers up to 127, with a scale that is stored in binary16, while the integers are made with it as it was before.
    case q80 = "q8_0"
    /// E4M3, with a scale that is stored as the kernel computes it.
    case fp8
    /// E5M2, with a scale that is stored as the kernel computes it.
    case e5m2 = "fp8-e5m2"
  }

  /// The kind of numbers, and of their scale.
  package var scheme: Scheme
  /// The greatest magnitude that a scale is made of where that of the row is less; 0 for none.
  package var least: Float

  /// Makes the layer.
  package init(_ scheme: Scheme, least: Float = 0) { (self.scheme, self.least) = (scheme, least) }

  /// The numbers that a row's are rounded to, in units of its scale.
  package var grid: NumberGrid {
    switch scheme {
    case .int8, .q80: .int8
    case .fp8: .e4m3
    case .e5m2: .e5m2
    }
  }

  /// The numbers that scales are stored as; `nil` where they are not rounded once more.
  package var scaleGrid: NumberGrid? { scheme == .q80 ? .float16 : nil }
}
