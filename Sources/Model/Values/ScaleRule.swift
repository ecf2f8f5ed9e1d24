/// The rule by which a scale on a grid is made of a row's greatest magnitude a, for numbers up to m: a power of two 2^k of E8M0, or the number
/// of E4M3 nearest to g·a / m, g the scale of the whole tensor.
///
/// 2^e is the greatest power of two up to m. k is kept from −127 to 127, as E8M0 has no others: a row of zeros has the least. Of E4M3 such
/// a row has 0, and no scale is beyond 448.
package struct ScaleRule: Sendable, Hashable {
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
  /// The scale of the whole tensor, a number of 24 bits, where the scale is one of E4M3.
  ///
  /// Source: `cvt_warp_fp16_to_fp4` of vllm-project/vllm.
  package var global: Double?

  package init(_ kind: Kind, greatest: Double) { (self.kind, self.greatest) = (kind, greatest) }

  /// The rule for numbers of E4M3 in a tensor with the scale `global`.
  package init(ofTensor global: Double, greatest: Double) {
    self.init(.floor, greatest: greatest)
    self.global = global
  }

  /// The numbers that scales are.
  package var grid: NumberGrid { global == nil ? .e8m0 : .e4m3 }

  /// Whether the logarithm is that of a / m.
  package var divides: Bool { kind == .ceil || kind == .round }

  /// Whether the logarithm is a whole number, as every library computes it of a power of two.
  package func hasWholeLogarithm(_ magnitude: Double) -> Bool {
    magnitude.significand == (divides ? greatest.significand : 1)
  }

  /// The scale of the greatest magnitude `magnitude`, exactly for one of 24 bits.
  ///
  /// *Edge cases*: NaN gives NaN. An infinite magnitude gives an infinite power of two, and of E4M3 the greatest number.
  package func scale(_ magnitude: Double) -> Double { global.map { nearest(magnitude, $0) } ?? power(magnitude) }

  /// The number of E4M3 nearest to g·a / m, of two the even one.
  ///
  /// Both sides of each comparison are exact: the product has 48 bits, and m times halfway between two numbers has 7.
  private func nearest(_ magnitude: Double, _ global: Double) -> Double {
    guard !magnitude.isNaN else { return magnitude }
    let product = global * magnitude
    guard product < greatest * grid.greatest else { return grid.greatest }
    let spacing = grid.spacing(at: product / greatest)
    let below = (product / greatest / spacing).rounded(.down)
    let middle = greatest * (below + 0.5) * spacing
    let goesUp = product > middle || product == middle && !below.truncatingRemainder(dividingBy: 2).isZero
    return (goesUp ? below + 1 : below) * spacing
  }

  /// The power of two: with a = A·2^x and m = M·2^e, A and M from 1 to 2, log₂(A/M) lies between −1 and 1.
  private func power(_ magnitude: Double) -> Double {
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
