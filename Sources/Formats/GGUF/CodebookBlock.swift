import PlumbModel

/// The bytes of one block of a `CodebookType`.
///
/// All numbers are Float32s: of 11 bits of d, at most 5 of a scale and 6 of a grid's number, in multiples of 2⁻²⁷.
/// Source: `dequantize_row_…` in `ggml-quants.c` of ggml.
struct CodebookBlock {
  let bytes: ArraySlice<UInt8>
  let type: CodebookType

  /// Whether its scale is a number.
  var isFinite: Bool { type == .nvfp4 || scale.isFinite }

  /// The numbers that it stands for.
  var numbers: [Float] {
    switch type {
    case .iq2_XXS: iq2XXS
    case .iq2_XS: iq2XS
    case .iq2_S: iq2S
    case .iq3_XXS: iq3XXS
    case .iq3_S: iq3S
    case .iq1_S: iq1S
    case .iq1_M: iq1M
    case .tq1_0: tq1
    case .tq2_0: tq2
    case .nvfp4: nvfp4
    }
  }

  /// d.
  private var scale: Float {
    switch type {
    case .tq1_0, .tq2_0: return Float(halfPattern: word(type.bytesPerBlock - 2))
    case .iq1_M: return Float(halfPattern: (0..<4).reduce(0) { $0 | (word(48 + 2 * $1) >> 12) << UInt16(4 * $1) })
    default: return Float(halfPattern: word(0))
    }
  }

  private var iq2XXS: [Float] {
    runs(of: 8) { place in
      let word = wide(6 + place / 4 * 8)
      let vector = byte(2 + place / 4 * 8 + place % 4)
      return (
        scale * (0.5 + Float(word >> 28)) * 0.25, CodebookGrid.iq2xxs[8 * vector..<8 * vector + 8],
        evenSigns(Int(word >> UInt32(7 * (place % 4))))
      )
    }
  }

  private var iq2XS: [Float] {
    runs(of: 8) { place in
      let code = Int(word(2 + 2 * place))
      let vector = code & 511
      return (
        scale * (0.5 + Float(nibble(place / 2, from: 66))) * 0.25, CodebookGrid.iq2xs[8 * vector..<8 * vector + 8],
        evenSigns(code >> 9)
      )
    }
  }

  private var iq2S: [Float] {
    runs(of: 8) { place in
      let vector = byte(2 + place) | (byte(66 + place / 4) >> (2 * (place % 4)) & 3) << 8
      return (
        scale * (0.5 + Float(nibble(place / 2, from: 74))) * 0.25, CodebookGrid.iq2s[8 * vector..<8 * vector + 8],
        byte(34 + place)
      )
    }
  }

  private var iq3XXS: [Float] {
    runs(of: 4) { place in
      let word = wide(66 + place / 8 * 4)
      let vector = byte(2 + place)
      return (
        scale * (0.5 + Float(word >> 28)) * 0.5, CodebookGrid.iq3xxs[4 * vector..<4 * vector + 4],
        evenSigns(Int(word >> UInt32(7 * (place % 8 / 2)))) >> (4 * (place % 2))
      )
    }
  }

  private var iq3S: [Float] {
    runs(of: 4) { place in
      let vector = byte(2 + place) | (byte(66 + place / 8) >> (place % 8) & 1) << 8
      return (
        scale * Float(1 + 2 * nibble(place / 8, from: 106)), CodebookGrid.iq3s[4 * vector..<4 * vector + 4],
        byte(74 + place / 2) >> (4 * (place % 2))
      )
    }
  }

  private var iq1S: [Float] {
    runs(of: 8) { place in
      let high = Int(word(34 + place / 4 * 2))
      let vector = byte(2 + place) | (high >> (3 * (place % 4)) & 7) << 8
      return shifted(vector, isDown: high > 0x7fff, scale * Float(2 * (high >> 12 & 7) + 1))
    }
  }

  private var iq1M: [Float] {
    runs(of: 8) { place in
      let high = nibble(place, from: 32)
      let vector = byte(place) | (high & 7) << 8
      let own = Int(word(48 + place / 8 * 2)) >> (3 * (place / 2 % 4)) & 7
      return shifted(vector, isDown: high > 7, scale * Float(2 * own + 1))
    }
  }

  private var tq1: [Float] {
    let powers: [UInt8] = [1, 3, 9, 27, 81]
    // Runs of 32 in 32 bytes, of 16 in the next 16, of 4 in the last 4.
    let places = (0..<160).map { ($0 % 32, $0 / 32) } + (0..<80).map { (32 + $0 % 16, $0 / 16) }
    return (places + (0..<16).map { (48 + $0 % 4, $0 / 4) }).map { place, digit in
      scale * Float((Int(UInt8(byte(place)) &* powers[digit]) * 3) >> 8 - 1)
    }
  }

  private var tq2: [Float] {
    (0..<256).map { scale * Float(byte($0 / 128 * 32 + $0 % 32) >> (2 * ($0 % 128 / 32)) & 3 - 1) }
  }

  private var nvfp4: [Float] {
    (0..<64).map { element in
      let bits = byte(element / 16)
      let own = bits == 127 ? 0 : bits & 127 == 127 ? 480 : SmallFloat.e4m3[bits & 127]
      let pair = byte(4 + element / 16 * 8 + element % 8)
      return Float(own * SmallFloat.e2m1[element % 16 < 8 ? pair & 15 : pair >> 4])
    }
  }

  /// Runs of so many of 256 elements, each a scale, a vector, and the signs of its numbers, from the lowest bit up.
  private func runs(of size: Int, _ run: (Int) -> (scale: Float, vector: ArraySlice<Float>, signs: Int)) -> [Float] {
    (0..<256 / size).flatMap { place -> [Float] in
      let (scale, vector, signs) = run(place)
      return vector.enumerated().map { signs >> $0 & 1 == 1 ? -scale * $1 : scale * $1 }
    }
  }

  /// The vector of IQ1 moved by ⅛ up or down.
  private func shifted(_ vector: Int, isDown: Bool, _ scale: Float) -> (Float, ArraySlice<Float>, Int) {
    (scale, CodebookGrid.iq1[8 * vector..<8 * vector + 8].map { $0 + (isDown ? -0.125 : 0.125) }[...], 0)
  }

  /// Eight signs of which an even number are minuses, by the first seven.
  private func evenSigns(_ bits: Int) -> Int {
    let seven = bits & 127
    return seven | (seven.nonzeroBitCount & 1) << 7
  }

  private func byte(_ index: Int) -> Int { Int(bytes[bytes.startIndex + index]) }
  private func word(_ index: Int) -> UInt16 { UInt16(byte(index)) | UInt16(byte(index + 1)) << 8 }
  private func wide(_ index: Int) -> UInt32 { UInt32(word(index)) | UInt32(word(index + 2)) << 16 }
  /// Nibble `index` of bytes from `start` on, the low ones first.
  private func nibble(_ index: Int, from start: Int) -> Int { byte(start + index / 2) >> (4 * (index % 2)) & 15 }
}
