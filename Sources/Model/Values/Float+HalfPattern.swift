extension Float {
  /// The value of the binary16 of this bit pattern, exactly.
  package init(halfPattern pattern: UInt16) {
    let fraction = UInt32(pattern & 0x3FF)
    let exponent = UInt32(pattern >> 10 & 0x1F)
    let magnitude: Float =
      switch exponent {
      case 0: Float(fraction) * 0x1p-24
      case 31: Float(bitPattern: 0x7F80_0000 | fraction << 13)
      default: Float(bitPattern: (exponent + 112) << 23 | fraction << 13)
      }
    self = pattern >> 15 == 0 ? magnitude : -magnitude
  }
}
