import PlumbModel

/// Float32s in the formats that a model file stores: those of one row at a time.
package enum StoredNumbers {
  /// The formats that are written.
  package static let types: [TensorType] = [.f32, .f16, .bf16, .q8_0]

  /// The bytes of `numbers`, whole blocks of `type`; each number rounded to the nearest there is, ties to even.
  ///
  /// - Precondition: `type` is one of `types`, and its blocks divide the numbers.
  package static func bytes(_ numbers: some Collection<Float>, as type: TensorType) -> [UInt8] {
    switch type {
    case .f32: return numbers.flatMap { littleEndian($0.bitPattern) }
    case .f16: return numbers.flatMap { littleEndian(half($0)) }
    case .bf16: return numbers.flatMap { littleEndian(brain($0)) }
    case .q8_0:
      precondition(numbers.count.isMultiple(of: 32), "\(numbers.count) numbers in blocks of 32")
      var (bytes, rest) = ([UInt8](), numbers[...])
      while !rest.isEmpty {
        bytes += block(Array(rest.prefix(32)))
        rest = rest.dropFirst(32)
      }
      return bytes
    default: preconditionFailure("\(type.label) is not written")
    }
  }

  /// A block of Q8_0: the scale is the binary16 next to the greatest magnitude ÷ 127.
  private static func block(_ numbers: [Float]) -> [UInt8] {
    let greatest = numbers.reduce(0) { max($0, $1.magnitude) }
    let scale = half(greatest / 127)
    let unit = Double(Float(halfPattern: scale))
    return littleEndian(scale)
      + numbers.map { number in
        let steps = unit == 0 ? 0 : (Double(number) / unit).rounded(.toNearestOrEven)
        return UInt8(bitPattern: Int8(min(max(steps, -127), 127)))
      }
  }

  /// The binary16 next to `x`: infinite from 65520 on.
  static func half(_ x: Float) -> UInt16 {
    let (sign, size) = (UInt16(truncatingIfNeeded: x.bitPattern >> 16) & 0x8000, x.magnitude)
    if x.isNaN { return 0x7e00 }
    if size >= 65520 { return sign | 0x7c00 }
    // Steps of 2⁻²⁴ below 2⁻¹⁴, then of 2⁻¹⁰ of the power of two; the quotient is exact, and is rounded once.
    let exponent = size < 0x1p-14 ? -14 : Int(size.exponent)
    let steps = UInt16((size * Float(sign: .plus, exponent: 10 - exponent, significand: 1)).rounded(.toNearestOrEven))
    // A carry into the exponent is what the next power of two is.
    return sign | (size < 0x1p-14 ? steps : UInt16(exponent + 14) << 10 + steps)
  }

  /// The upper half of the Float32 next to `x` that has no lower one.
  private static func brain(_ x: Float) -> UInt16 {
    let pattern = x.bitPattern
    if x.isNaN { return 0x7fc0 }
    return UInt16(truncatingIfNeeded: (pattern + 0x7fff + (pattern >> 16 & 1)) >> 16)
  }
}
