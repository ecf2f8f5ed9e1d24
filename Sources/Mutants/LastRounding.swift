import PlumbTolerance

extension FloatFormat {
  /// The part of a binary32 that an approximation of 12 bits has.
  static let twelveBits = FloatFormat(name: "12 bits", precision: 12, leastExponent: -149, greatest: 0x1p128)
}

/// The last step of a layer, from Float64 to Float32: right, and wrong.
enum LastRounding {
  /// To the nearest.
  static func nearest(_ value: Double) -> Float { Float(value) }

  /// Toward zero.
  static func truncated(_ value: Double) -> Float { Float(FloatFormat.float32.rounded(value, .towardZero)) }

  /// Subnormal results become 0.
  static func flushed(_ value: Double) -> Float {
    let result = Float(value)
    return result.isSubnormal ? 0 : result
  }

  /// Through binary16.
  static func float16(_ value: Double) -> Float { Float(FloatFormat.float16.rounded(value)) }

  /// Through bfloat16.
  static func bfloat16(_ value: Double) -> Float { Float(FloatFormat.bfloat16.rounded(value)) }
}
