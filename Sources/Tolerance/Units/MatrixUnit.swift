/// A matrix unit whose arithmetic people have found out by experiment.
///
/// A proof about one is a proof *given* that it works so: no vendor promises it.
package enum MatrixUnit: String, Sendable, Hashable, CaseIterable {
  /// NVIDIA's Volta.
  case v100
  /// NVIDIA's Turing.
  case t4
  /// NVIDIA's Ampere.
  case a100
  /// NVIDIA's Ada Lovelace, of 16-bit numbers.
  case ada
  /// NVIDIA's Ada Lovelace, of 8-bit floating-point numbers.
  case adaFP8 = "ada-fp8"
  /// NVIDIA's Hopper.
  case h100
  /// NVIDIA's Hopper, of 8-bit floating-point numbers.
  case h100FP8 = "h100-fp8"
  /// The same, whose sums are added to Float32s after each 128 products.
  case h100FP8Promoted = "h100-fp8-promote128"
  /// NVIDIA's Blackwell.
  case b200
  /// AMD's CDNA 2.
  case mi250
  /// AMD's CDNA 3.
  case mi300
  /// Intel's tiles: TDPBF16PS and TDPFP16PS.
  case amx
  /// x86's VDPBF16PS.
  case vdpbf16
  /// Arm's BFDOT, with FPCR.EBF set or not.
  case bfdot
  /// Arm's BFMMLA: two additions of BFDOT, one after the other.
  case bfmmla

  /// The rules of a block of products, and of the sum so far that they are added to.
  struct Block: Sendable, Hashable {
    /// The way that a block is added.
    enum Addition: Sendable, Hashable {
      /// Products and the sum so far are cut toward 0 to multiples of 2^(E − bits), E being the greatest of their exponents, and
      /// added exactly; the sum is cut toward 0 to a number of `output`, or rounded to the nearest.
      case aligned(bits: Int, output: FloatFormat, isNearest: Bool = false)
      /// Products are cut like that at 2^(P − 24), P being the greatest of theirs; their sum is rounded down to a multiple of
      /// 2^(E − 31), the sum so far to one of 2^(E − 24), E being the greater of P and its exponent, or dropped below that; the sum
      /// of both is rounded to the nearest Float32.
      case alignedApart
      /// Operations in Float32 that flush, as terms are added in `order`; to odd in place of the nearest where `isOdd`.
      case rounded(order: ArithmeticModel.Order, isOdd: Bool = false)
    }

    /// The number of products.
    let size: Int
    let addition: Addition
    /// The least magnitude of a factor that is certainly not taken as 0.
    var leastFactor = 0.0
  }

  /// The number of products after which a sum is added to a Float32; `nil` where there is no such.
  var promotion: Int? { self == .h100FP8Promoted ? 128 : nil }

  /// The experiments that the rules come from.
  package var source: String {
    switch self {
    case .v100, .t4, .a100, .ada, .adaFP8, .h100, .h100FP8:
      "MMA-Sim (arXiv 2511.10909); Khattak & Mikaitis (arXiv 2512.07004)"
    case .h100FP8Promoted: "MMA-Sim (arXiv 2511.10909); DeepSeek-V3, section 3.3.2"
    case .b200: "MMA-Sim (arXiv 2511.10909) or Khattak & Mikaitis (arXiv 2512.07004), whichever is worse"
    case .mi250, .mi300: "MMA-Sim (arXiv 2511.10909)"
    case .amx: "Intel's Software Developer's Manual, TDPBF16PS and TDPFP16PS"
    case .vdpbf16: "Intel's Software Developer's Manual, VDPBF16PS"
    case .bfdot, .bfmmla: "Arm's Architecture Reference Manual, BFDotAdd"
    }
  }

  /// Whether it may write sums of products of `format` in binary16.
  func writesHalves(of format: FloatFormat) -> Bool {
    if format == .bfloat16 || format == .tensorFloat32 { return false }
    return blocks(of: format).allSatisfy { block in if case .aligned = block.addition { true } else { false } }
  }

  /// The formats whose numbers it multiplies.
  package var formats: [FloatFormat] {
    [.bfloat16, .float16, .tensorFloat32, .e4m3, .e5m2].filter { !blocks(of: $0).isEmpty }
  }

  /// The rules for factors of `format`, of which any may be the unit's; none where it does not multiply such.
  func blocks(of format: FloatFormat) -> [Block] {
    let (isHalf, isTensor) = (format == .float16 || format == .bfloat16, format == .tensorFloat32)
    let isByte = format.name == FloatFormat.e4m3.name || format.name == FloatFormat.e5m2.name
    func aligned(_ size: Int, _ bits: Int, isNearest: Bool = false) -> Block {
      Block(size: size, addition: .aligned(bits: bits, output: .float32, isNearest: isNearest))
    }
    switch self {
    case .v100: return format == .float16 ? [aligned(4, 23)] : []
    // One description has blocks of 4, the other of 8.
    case .t4: return format == .float16 ? [aligned(4, 24), aligned(8, 24)] : []
    case .a100, .ada: return isHalf ? [aligned(8, 24)] : isTensor ? [aligned(4, 24)] : []
    case .adaFP8: return isByte ? [Block(size: 16, addition: .aligned(bits: 13, output: .fourteenBits))] : []
    // The instructions of earlier units have half as long blocks.
    case .h100: return isHalf ? [aligned(16, 25), aligned(8, 25)] : isTensor ? [aligned(8, 25), aligned(4, 25)] : []
    case .h100FP8, .h100FP8Promoted:
      return isByte ? [Block(size: 32, addition: .aligned(bits: 13, output: .fourteenBits))] : []
    case .b200:
      let size = isHalf ? 16 : isTensor ? 8 : isByte ? 32 : 0
      // One of two descriptions rounds to the nearest; instructions of earlier units have half as long blocks.
      let sizes = size == 0 ? [] : isByte ? [size] : [size, size / 2]
      return sizes.flatMap { [aligned($0, 25), aligned($0, 25, isNearest: true)] }
    case .mi250:
      // One of two instructions for bfloat16 has blocks of 2.
      return (isHalf ? format == .float16 ? [4] : [2, 4] : []).map {
        Block(size: $0, addition: .rounded(order: .blocks($0)), leastFactor: format.leastNormal)
      }
    case .mi300: return isHalf || isTensor ? [Block(size: isHalf ? 8 : 4, addition: .alignedApart)] : []
    case .amx: return isHalf ? [flushing(32, .rounded(order: .blocks(32)))] : []
    // A chain of fused products.
    case .vdpbf16: return format == .bfloat16 ? [flushing(2, .rounded(order: .lanes(1)))] : []
    case .bfdot, .bfmmla: return format == .bfloat16 ? [flushing(2, .rounded(order: .blocks(2), isOdd: true))] : []
    }
  }

  /// A block whose factors are Float32s that are flushed.
  private func flushing(_ size: Int, _ addition: Block.Addition) -> Block {
    Block(size: size, addition: addition, leastFactor: FloatFormat.float32.leastNormal)
  }
}

extension FloatFormat {
  /// The sums of Hopper's and Ada's units of 8-bit numbers: exponents of a Float32, and 14 bits.
  static let fourteenBits = FloatFormat(name: "e8m13", precision: 14, leastExponent: -139, greatest: 0x1.FFF8p127)
}
