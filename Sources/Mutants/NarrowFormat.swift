/// A floating-point format narrower than Float64, as a rounding of Float64s.
package struct NarrowFormat: Sendable {
  /// The bits of a significand, the leading one included.
  let precision: Int
  /// The exponent of the smallest subnormal number.
  let leastExponent: Int
  /// The greatest finite number.
  let greatest: Double

  /// IEEE 754 binary16.
  package static let float16 = NarrowFormat(precision: 11, leastExponent: -24, greatest: 65504)
  /// The upper half of a binary32.
  package static let bfloat16 = NarrowFormat(precision: 8, leastExponent: -133, greatest: 0x1.FEp127)
  /// What a tensor core takes of a binary32.
  static let tensorFloat32 = NarrowFormat(precision: 11, leastExponent: -136, greatest: 0x1.FFCp127)
  /// What an approximation of 12 bits has of a binary32.
  static let twelveBits = NarrowFormat(precision: 12, leastExponent: -149, greatest: 0x1p128)
  /// IEEE 754 binary32.
  package static let float32 = NarrowFormat(precision: 24, leastExponent: -149, greatest: 0x1.FFFFFEp127)

  /// `value` in this format; infinite beyond the greatest number, unless rounded toward zero.
  package func rounded(_ value: Double, _ rule: FloatingPointRoundingRule = .toNearestOrEven) -> Double {
    guard value.isFinite, value != 0 else { return value }
    let exponent = max(Int(value.exponent) - precision + 1, leastExponent)
    let spacing = Double(sign: .plus, exponent: exponent, significand: 1)
    let result = (value / spacing).rounded(rule) * spacing
    guard result.magnitude > greatest else { return result }
    return Double(sign: value.sign, exponent: 0, significand: rule == .towardZero ? greatest : .infinity)
  }
}

/// The last step of a layer, from Float64 to Float32: right, and wrong.
enum LastRounding {
  /// To the nearest.
  static func nearest(_ value: Double) -> Float { Float(value) }

  /// Toward zero.
  static func truncated(_ value: Double) -> Float { Float(NarrowFormat.float32.rounded(value, .towardZero)) }

  /// Subnormal results become 0.
  static func flushed(_ value: Double) -> Float {
    let result = Float(value)
    return result.isSubnormal ? 0 : result
  }

  /// Through binary16.
  static func float16(_ value: Double) -> Float { Float(NarrowFormat.float16.rounded(value)) }

  /// Through bfloat16.
  static func bfloat16(_ value: Double) -> Float { Float(NarrowFormat.bfloat16.rounded(value)) }
}
