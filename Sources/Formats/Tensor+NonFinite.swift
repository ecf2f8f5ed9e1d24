import PlumbModel

extension Tensor {
  /// Refuses the tensor when one of its elements is NaN or infinite.
  ///
  /// - Throws: `ModelError` that names the tensor and the first such element.
  func refuseNonFinite(file: String) throws(ModelError) {
    guard let element = firstNonFiniteElement() else { return }
    let (row, column) = (element / max(columns, 1), element % max(columns, 1))
    let what =
      type == .f64 ? "NaN, infinity or what Float32 cannot round (2^128 and beyond, below 2^−126)" : "NaN or infinity"
    throw ModelError(
      file: file,
      problem: "tensor '\(name)' holds \(what) at element \(element) (row \(row), column \(column))",
      remedy: "the weights are damaged: fetch or convert the model again")
  }

  /// The index of the first element that is NaN or infinite; in a quantised block, the block's first.
  ///
  /// A quantised value is a sum of products of small integers and the block's binary16 scales, so it is finite
  /// whenever they are. A Float64 counts as one where it is none that Float32 can round to within its precision. An MXFP4 value of 2^128 or more counts as infinite, which it is in Float32.
  package func firstNonFiniteElement() -> Int? {
    // Sound: the buffer is used only while it is lent.
    unsafe withUnsafeBytes { bytes in
      switch type {
      case .f32: return unsafe firstNonFinite(bytes, as: UInt32.self, exponent: 0x7f80_0000)
      case .f64: return unsafe firstBeyondRounding(bytes)
      case .f16: return unsafe firstNonFinite(bytes, as: UInt16.self, exponent: 0x7c00)
      case .bf16: return unsafe firstNonFinite(bytes, as: UInt16.self, exponent: 0x7f80)
      case .q4_0, .q5_0, .q8_0, .iq4_NL, .iq4_XS: return unsafe firstNonFiniteBlock(bytes, scalesAt: 0, 0)
      case .q4_1, .q5_1, .q4_K, .q5_K: return unsafe firstNonFiniteBlock(bytes, scalesAt: 0, 2)
      case .mxfp4: return unsafe firstBeyondFloat32(bytes)
      case .q2_K: return unsafe firstNonFiniteBlock(bytes, scalesAt: 80, 82)
      case .q3_K: return unsafe firstNonFiniteBlock(bytes, scalesAt: 108, 108)
      case .q6_K: return unsafe firstNonFiniteBlock(bytes, scalesAt: 208, 208)
      }
    }
  }
}

/// The first element whose exponent bits are all ones.
private func firstNonFinite<Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
  _ bytes: UnsafeRawBufferPointer, as type: Bits.Type, exponent: Bits
) -> Int? {
  let size = MemoryLayout<Bits>.size
  let count = bytes.count / size
  func exponentBits(_ index: Int) -> Bits {
    // Sound for every index below `count`.
    unsafe Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: index &* size, as: Bits.self)) & exponent
  }
  // Adding the exponent's lowest bit carries into the sign bit from all ones, and from nothing less. A chunk has no
  // branch inside, so that the compiler can use vectors.
  let lowest = exponent & (0 &- exponent)
  let chunk = 4096
  for start in stride(from: 0, to: count, by: chunk) {
    let end = min(start + chunk, count)
    var sums: Bits = 0
    for index in start..<end { sums |= exponentBits(index) &+ lowest }
    if sums.leadingZeroBitCount == 0 { return (start..<end).first { exponentBits($0) == exponent } }
  }
  return nil
}

extension Tensor {
  /// The first Float64 that is NaN, infinite, rounded to an infinity of Float32, or neither one of its subnormals nor great enough
  /// for its precision.
  private func firstBeyondRounding(_ bytes: UnsafeRawBufferPointer) -> Int? {
    for index in 0..<count {
      // Sound: every element lies within the bytes.
      let word = unsafe bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
      let number = Double(bitPattern: UInt64(littleEndian: word))
      let rounded = Float(number)
      guard rounded.isFinite, number.magnitude >= 0x1p-126 || Double(rounded) == number else {
        return index
      }
    }
    return nil
  }

  /// The first element of the first MXFP4 block that has NaN for a scale, or an element that Float32 does not hold.
  private func firstBeyondFloat32(_ bytes: UnsafeRawBufferPointer) -> Int? {
    let size = type.bytesPerBlock
    for start in stride(from: 0, to: bytes.count, by: size) {
      // Sound: every block lies within the bytes.
      let scale = unsafe bytes[start]
      // Up to 2^125 · 6.
      guard scale > 252 else { continue }
      let greatest = (1..<size).map { place -> Int64 in
        let both = unsafe bytes[start + place]
        return max(TensorType.halves[Int(both & 7)], TensorType.halves[Int(both >> 4 & 7)])
      }.max()
      if scale == 255 || greatest ?? 0 >= 1 << (256 - Int(scale)) { return start / size * type.elementsPerBlock }
    }
    return nil
  }

  /// The first element of the first block of which a scale, a binary16 at one of two places, is NaN or infinite.
  private func firstNonFiniteBlock(_ bytes: UnsafeRawBufferPointer, scalesAt first: Int, _ second: Int) -> Int? {
    let size = type.bytesPerBlock
    func isNonFinite(_ place: Int) -> Bool {
      // Sound: both places lie within a block, and every block within the bytes.
      unsafe UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self)) & 0x7c00 == 0x7c00
    }
    for start in stride(from: 0, to: bytes.count, by: size)
    where isNonFinite(start + first) || isNonFinite(start + second) {
      return start / size * type.elementsPerBlock
    }
    return nil
  }
}
