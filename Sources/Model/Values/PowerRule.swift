/// The rule by which a scale 2^k is made of a row's greatest magnitude a, for numbers up to m, of which 2^e is the greatest power of two.
///
/// k is kept from −127 to 127, as E8M0 has no others. A row of zeros has the least.
package struct PowerRule: Sendable, Hashable {
  /// The way from a to k.
  package enum Kind: String, Sendable, CaseIterable {
    /// ⌊log₂ a⌋ − e: Open Compute Project, *Microscaling Formats (MX)* 1.0, section 6.3; `quantize_row_mxfp4_ref` of ggml-org/ggml.
    case floor
    /// ⌈log₂(a / m)⌉: UE8M0 scales of deepseek-ai/DeepGEMM and vllm-project/vllm.
    case ceil
    /// log₂(a / m) to the nearest integer: `fp_quantize` of ml-explore/mlx.
    case round
    /// log₂ a to the nearest integer, − e: `compute_e8m0_scale` of ggml-org/ggml.
    case ggmlCUDA = "ggml-cuda"
  }

  package var kind: Kind
  /// The greatest number, m.
  package var greatest: Double
  /// The least exponent.
  package var leastExponent = -127
  /// The number that is added to each exponent: 0 but in a bug.
  package var shift = 0

  package init(_ kind: Kind, greatest: Double) { (self.kind, self.greatest) = (kind, greatest) }

  /// Whether the logarithm is that of a / m.
  package var divides: Bool { kind == .ceil || kind == .round }

  /// Whether the logarithm is a whole number, as every library computes it of a power of two.
  package func hasWholeLogarithm(_ magnitude: Double) -> Bool {
    magnitude.significand == (divides ? greatest.significand : 1)
  }

  /// The scale of the greatest magnitude `magnitude`, exactly for one of 24 bits: with a = A·2^x and m = M·2^e, A and M from 1 to 2, log₂(A/M)
  /// lies between −1 and 1.
  ///
  /// *Edge cases*: what is not finite is itself.
  package func power(_ magnitude: Double) -> Double {
    guard magnitude.isFinite else { return magnitude }
    let least = Double(sign: .plus, exponent: leastExponent, significand: 1)
    guard magnitude > 0 else { return least }
    let (own, limit) = (magnitude.significand, greatest.significand)
    let step =
      switch kind {
      case .floor: 0
      case .ceil: own > limit ? 1 : 0
      case .round: own * own > 2 * limit * limit ? 1 : 2 * own * own < limit * limit ? -1 : 0
      case .ggmlCUDA: own * own > 2 ? 1 : 0
      }
    let exponent = Int(magnitude.exponent) - Int(greatest.exponent) + step + shift
    return Double(sign: .plus, exponent: min(max(exponent, leastExponent), 127), significand: 1)
  }
}
