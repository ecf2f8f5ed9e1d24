import PlumbModel

/// The form in which a safetensors file stores the elements of a tensor; always little-endian.
///
/// The raw values are the names in the file. Cases stand in the format's own order, by which files are laid out.
package enum SafeTensorsType: String, Sendable, CaseIterable {
  case bool = "BOOL"
  case f4 = "F4"
  case f6e2m3 = "F6_E2M3"
  case f6e3m2 = "F6_E3M2"
  case u8 = "U8"
  case i8 = "I8"
  case f8e5m2 = "F8_E5M2"
  case f8e4m3 = "F8_E4M3"
  case f8e8m0 = "F8_E8M0"
  case i16 = "I16"
  case u16 = "U16"
  case f16 = "F16"
  case bf16 = "BF16"
  case i32 = "I32"
  case u32 = "U32"
  case f32 = "F32"
  case c64 = "C64"
  case f64 = "F64"
  case i64 = "I64"
  case u64 = "U64"

  /// The number of bits of one element.
  package var bits: Int {
    switch self {
    case .f4: 4
    case .f6e2m3, .f6e3m2: 6
    case .bool, .u8, .i8, .f8e5m2, .f8e4m3, .f8e8m0: 8
    case .i16, .u16, .f16, .bf16: 16
    case .i32, .u32, .f32: 32
    case .c64, .f64, .i64, .u64: 64
    }
  }

  /// The type of a tensor of weights that is stored the same way, or `nil`.
  package var tensorType: TensorType? {
    switch self {
    case .f32: .f32
    case .f64: .f64
    case .f16: .f16
    case .bf16: .bf16
    default: nil
    }
  }

  /// The number of bytes of `shape`, or `nil` when an extent is negative, a product overflows, or the bits do not fill
  /// whole bytes.
  func byteCount(of shape: [Int]) -> Int? {
    var bits = bits
    for extent in shape {
      let (product, overflow) = bits.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { return nil }
      bits = product
    }
    return bits.isMultiple(of: 8) ? bits / 8 : nil
  }
}
