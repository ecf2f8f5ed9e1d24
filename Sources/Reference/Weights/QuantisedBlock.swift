import PlumbModel

/// The bytes of one block of a quantised tensor, and the weights that they are, in units of 2^−24.
///
/// A binary16 number is an integer below 2^40 in these units, and no layout multiplies it by more than 13 bits: nothing
/// here can overflow.
struct QuantisedBlock {
  let bytes: ArraySlice<UInt8>

  /// The weights of the block, or `nil` where a number of it is NaN or infinite.
  ///
  /// Source: the layouts that `TensorType` states, which are those of the GGUF format's reference implementation.
  func weights(_ type: TensorType) -> [Int64]? {
    switch type {
    case .f16: half(at: 0).map { [$0] }
    case .q4_0: half(at: 0).map { scale in (0..<32).map { scale * (nibble($0, from: 2) - 8) } }
    case .q4_1: affine { nibble($0, from: 4) }
    case .q5_0:
      half(at: 0).map { scale in (0..<32).map { scale * (nibble($0, from: 6) + 16 * fifthBit($0, from: 2) - 16) } }
    case .q5_1: affine { nibble($0, from: 8) + 16 * fifthBit($0, from: 4) }
    case .q8_0: half(at: 0).map { scale in (0..<32).map { scale * signedByte(2 + $0) } }
    case .q4_K: scaledSubBlocks { element in pairedNibble(element, from: 16) }
    case .q5_K:
      scaledSubBlocks { element in
        pairedNibble(element, from: 48) + 16 * (byte(16 + element % 32) >> Int64(element / 32) & 1)
      }
    case .q6_K: q6K
    case .q2_K: q2K
    case .q3_K: q3K
    case .iq4_NL:
      half(at: 0).map { scale in (0..<32).map { scale * TensorType.levels[Int(nibble($0, from: 2))] } }
    case .iq4_XS: iq4XS
    case .f32, .f64, .bf16, .mxfp4: nil
    }
  }

  /// The magnitudes of what is added to or subtracted from a weight's product with its scale, one for each run of neighbouring
  /// weights; `nil` where one is NaN or infinite, and none of a layout without such.
  func minima(_ type: TensorType) -> [Int64]? {
    switch type {
    case .q4_1, .q5_1: half(at: 2).map { [abs($0)] }
    case .q4_K, .q5_K: half(at: 2).map { minimum in (0..<8).map { abs(minimum * packedScale($0).minimum) } }
    case .q2_K: half(at: 82).map { minimum in (0..<16).map { abs(minimum * (byte($0) >> 4)) } }
    default: []
    }
  }

  /// d·q + m, with d and m in the first four bytes.
  private func affine(_ quantised: (Int) -> Int64) -> [Int64]? {
    guard let scale = half(at: 0), let minimum = half(at: 2) else { return nil }
    return (0..<32).map { scale * quantised($0) + minimum }
  }

  /// d·scale·q − dmin·minimum, with d and dmin in the first four bytes and the packed scales and minima in the next 12.
  private func scaledSubBlocks(_ quantised: (Int) -> Int64) -> [Int64]? {
    guard let scale = half(at: 0), let minimum = half(at: 2) else { return nil }
    return (0..<256).map { element in
      let (subScale, subMinimum) = packedScale(element / 32)
      return scale * subScale * quantised(element) - minimum * subMinimum
    }
  }

  /// The 6-bit scale and minimum of sub-block `index` of `q4_K` and `q5_K`.
  ///
  /// Bytes 4 to 15 of the block hold: the scales of the first four sub-blocks, then their minima, then one byte for each of
  /// the other four, its low nibble the scale's and its high one the minimum's. The upper two bits of those scales and
  /// minima stand above the six of the first eight bytes.
  private func packedScale(_ index: Int) -> (scale: Int64, minimum: Int64) {
    if index < 4 { return (byte(4 + index) & 63, byte(8 + index) & 63) }
    let low = byte(8 + index)
    return (low & 15 | (byte(index) >> 6) << 4, low >> 4 | (byte(4 + index) >> 6) << 4)
  }

  /// d·scale·(q − 32).
  ///
  /// Each half of the block has 128 elements in four runs of 32: the runs 0 and 2 are the low and the high nibbles of its
  /// first 32 bytes, 1 and 3 those of the next 32; run r takes the bit pair r of its 32 high bytes.
  private var q6K: [Int64]? {
    half(at: 208).map { scale in
      (0..<256).map { element in
        let (upperHalf, run, place) = (element / 128, element % 128 / 32, element % 32)
        let low = byte(64 * upperHalf + 32 * (run % 2) + place) >> Int64(4 * (run / 2)) & 15
        let high = byte(128 + 32 * upperHalf + place) >> Int64(2 * run) & 3
        return scale * signedByte(192 + element / 16) * (low + 16 * high - 32)
      }
    }
  }

  /// The bit pair of `element` of 256: halves of 128 elements share 32 bytes, run r of 32 taking the bit pair r of each.
  private func bitPair(_ element: Int, from start: Int) -> Int64 {
    byte(start + element / 128 * 32 + element % 32) >> Int64(2 * (element % 128 / 32)) & 3
  }

  /// d·scale·q − dmin·minimum.
  private var q2K: [Int64]? {
    guard let scale = half(at: 80), let minimum = half(at: 82) else { return nil }
    return (0..<256).map { element in
      let both = byte(element / 16)
      return scale * (both & 15) * bitPair(element, from: 16) - minimum * (both >> 4)
    }
  }

  /// d·(scale − 32)·(q − 4): of scale i, the low nibble is that of byte i or the high one of byte i − 8, and the upper two
  /// bits are the bit pair i / 4 of byte 8 + i mod 4; the third bit of an element of run r of 32 is bit r.
  private var q3K: [Int64]? {
    half(at: 108).map { scale in
      (0..<256).map { element in
        let index = element / 16
        let low = byte(96 + index % 8) >> Int64(4 * (index / 8)) & 15
        let high = byte(104 + index % 4) >> Int64(2 * (index / 4)) & 3
        let third = byte(element % 32) >> Int64(element / 32) & 1
        return scale * (low + 16 * high - 32) * (bitPair(element, from: 32) + 4 * third - 4)
      }
    }
  }

  /// d·(scale − 32)·T[q].
  private var iq4XS: [Int64]? {
    half(at: 0).map { scale in
      (0..<256).map { element in
        let run = element / 32
        let low = byte(4 + run / 2) >> Int64(4 * (run % 2)) & 15
        let high = (byte(2) | byte(3) << 8) >> Int64(2 * run) & 3
        let level = TensorType.levels[Int(nibble(element % 32, from: 8 + 16 * run))]
        return scale * (low + 16 * high - 32) * level
      }
    }
  }

  /// The weights of a block of `mxfp4`, which Float32 holds but for those of 2^128 and above in magnitude, infinities here; `nil` where
  /// the scale is NaN.
  var fours: [Float]? {
    let scale = byte(0)
    guard scale < 255 else { return nil }
    return (0..<32).map { element in
      let level = TensorType.halves[Int(nibble(element, from: 1))]
      // Half of 2^(e − 127) is subnormal, but no less than 2^−128.
      return Float(sign: .plus, exponent: Int(scale) - 128, significand: 1) * Float(level)
    }
  }

  private func byte(_ index: Int) -> Int64 { Int64(bytes[bytes.startIndex + index]) }

  private func signedByte(_ index: Int) -> Int64 { Int64(Int8(bitPattern: bytes[bytes.startIndex + index])) }

  /// The nibble of `element`: the low ones of 16 bytes, then the high ones.
  private func nibble(_ element: Int, from start: Int) -> Int64 {
    byte(start + element % 16) >> Int64(4 * (element / 16)) & 15
  }

  /// The nibble of `element` of 256: runs of 32 bytes, each with the low nibbles first.
  private func pairedNibble(_ element: Int, from start: Int) -> Int64 {
    byte(start + element / 64 * 32 + element % 32) >> Int64(4 * (element / 32 % 2)) & 15
  }

  /// Bit `element` of four bytes, little-endian.
  private func fifthBit(_ element: Int, from start: Int) -> Int64 {
    byte(start + element / 8) >> Int64(element % 8) & 1
  }

  /// The binary16 number at `index` in units of 2^−24, or `nil` for NaN and infinities.
  private func half(at index: Int) -> Int64? {
    let bits = byte(index) | byte(index + 1) << 8
    let exponent = bits >> 10 & 31
    let fraction = bits & 1023
    guard exponent < 31 else { return nil }
    // Normal: (1024 + fraction)·2^(exponent − 25); subnormal: fraction·2^−24.
    let magnitude = exponent == 0 ? fraction : (1024 + fraction) << (exponent - 1)
    return bits >> 15 == 1 ? -magnitude : magnitude
  }
}
