// swift-format-ignore: AlwaysUseLowerCamelCase
/// The form in which the elements of a tensor are stored: plain floating point, or blocks of quantised integers.
///
/// The raw values are those of the GGUF format (`ggml_type`). The exact value of a quantised element is the rational
/// number its format defines; each block layout is stated beside its case.
package enum TensorType: UInt32, Sendable, CaseIterable {
  /// IEEE 754 binary32, little-endian.
  case f32 = 0
  /// IEEE 754 binary16, little-endian.
  case f16 = 1
  /// 32 elements: `d: f16`, 16 bytes of nibbles. Element i < 16 is the low nibble of byte i, element i + 16 the high
  /// one. Value d·(q − 8).
  case q4_0 = 2
  /// 32 elements: `d: f16`, `m: f16`, 16 bytes of nibbles as in `q4_0`. Value d·q + m.
  case q4_1 = 3
  /// 32 elements: `d: f16`, 4 bytes of fifth bits (little-endian, bit i for element i), 16 bytes of nibbles.
  /// Value d·(q − 16).
  case q5_0 = 6
  /// 32 elements: `d: f16`, `m: f16`, 4 bytes of fifth bits, 16 bytes of nibbles. Value d·q + m.
  case q5_1 = 7
  /// 32 elements: `d: f16`, 32 signed bytes. Value d·q.
  case q8_0 = 8
  /// 256 elements in 16 sub-blocks of 16: 16 bytes, each a 4-bit scale and above it a 4-bit minimum, 64 bytes of bit pairs,
  /// `d: f16`, `dmin: f16`. Value d·scale·q − dmin·minimum.
  case q2_K = 10
  /// 256 elements in 16 sub-blocks of 16: 32 bytes of third bits, 64 bytes of bit pairs, 12 bytes of sixteen 6-bit scales,
  /// `d: f16`. Value d·(scale − 32)·(q − 4).
  case q3_K = 11
  /// 256 elements in 8 sub-blocks of 32: `d: f16`, `dmin: f16`, 12 bytes of eight 6-bit scales and minima, 128 bytes
  /// of nibbles. Value d·scale·q − dmin·minimum.
  case q4_K = 12
  /// 256 elements as `q4_K`, with 32 bytes of fifth bits before the 128 bytes of nibbles.
  case q5_K = 13
  /// 256 elements in 16 sub-blocks of 16: 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed byte scales,
  /// `d: f16`. Value d·scale·(q − 32).
  case q6_K = 14
  /// 32 elements: `d: f16`, 16 bytes of nibbles as in `q4_0`. Value d·T[q], with the sixteen `levels` T.
  case iq4_NL = 20
  /// 256 elements in 8 sub-blocks of 32: `d: f16`, 2 bytes of the upper bit pairs of eight 6-bit scales, 4 bytes of their
  /// lower nibbles, 128 bytes of nibbles, 16 a sub-block as in `q4_0`. Value d·(scale − 32)·T[q].
  case iq4_XS = 23
  /// IEEE 754 binary64, little-endian.
  case f64 = 28
  /// The upper half of a binary32, little-endian.
  case bf16 = 30
  /// 32 elements: a byte e, 16 bytes of nibbles as in `q4_0`. Value 2^(e − 128)·T[q], with the sixteen `halves` T; NaN where e is 255.
  case mxfp4 = 39

  /// The number of elements in one block: 1 for the plain formats.
  package var elementsPerBlock: Int {
    switch self {
    case .f32, .f16, .bf16, .f64: 1
    case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .iq4_NL, .mxfp4: 32
    case .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_XS: 256
    }
  }

  /// The number of bytes in one block.
  package var bytesPerBlock: Int {
    switch self {
    case .f32: 4
    case .f64: 8
    case .f16, .bf16: 2
    case .mxfp4: 17
    case .q4_0, .iq4_NL: 18
    case .q4_1: 20
    case .q5_0: 22
    case .q5_1: 24
    case .q8_0: 34
    case .q2_K: 84
    case .q3_K: 110
    case .iq4_XS: 136
    case .q4_K: 144
    case .q5_K: 176
    case .q6_K: 210
    }
  }

  /// The name that people use, such as `F32` or `Q4_K`.
  package var label: String {
    switch self {
    case .f32: "F32"
    case .f16: "F16"
    case .bf16: "BF16"
    case .q4_0: "Q4_0"
    case .q4_1: "Q4_1"
    case .q5_0: "Q5_0"
    case .q5_1: "Q5_1"
    case .q8_0: "Q8_0"
    case .q2_K: "Q2_K"
    case .q3_K: "Q3_K"
    case .q4_K: "Q4_K"
    case .q5_K: "Q5_K"
    case .q6_K: "Q6_K"
    case .iq4_NL: "IQ4_NL"
    case .iq4_XS: "IQ4_XS"
    case .mxfp4: "MXFP4"
    case .f64: "F64"
    }
  }

  /// The numbers that the nibbles of `iq4_NL` and `iq4_XS` stand for.
  package static let levels: [Int64] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]

  /// Twice the numbers that the nibbles of `mxfp4` stand for, which are those of E2M1.
  package static let halves: [Int64] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]
}
