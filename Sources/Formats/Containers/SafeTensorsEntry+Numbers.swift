import PlumbModel

extension SafeTensors.Entry {
  /// The number of elements.
  var count: Int { shape.reduce(1, *) }

  /// The words at `places`, each of the size of `Word`.
  ///
  /// - Precondition: so many words lie within the tensor.
  func words<Word: FixedWidthInteger & BitwiseCopyable>(
    _ type: Word.Type, at places: some Sequence<Int>
  ) -> [Word] {
    let size = MemoryLayout<Word>.size
    // Sound: every word is checked to lie within the bytes, which are looked at only while they are lent.
    return unsafe withUnsafeBytes { bytes in
      places.map { place in
        precondition(place >= 0 && (place + 1) * size <= bytes.count, "a word beyond tensor '\(name)'")
        return unsafe Word(littleEndian: bytes.loadUnaligned(fromByteOffset: place * size, as: Word.self))
      }
    }
  }

  /// The elements at `places` as exact numbers; bytes without a sign, by which MX formats store powers of two, are E8M0.
  func numbers(at places: some Sequence<Int>) -> [Double] {
    switch type {
    case .f64: words(UInt64.self, at: places).map { Double(bitPattern: $0) }
    case .f32: words(UInt32.self, at: places).map { Double(Float(bitPattern: $0)) }
    case .f16: words(UInt16.self, at: places).map { Double(Float(halfPattern: $0)) }
    case .bf16: words(UInt16.self, at: places).map { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .f8e4m3: words(UInt8.self, at: places).map { SmallFloat.e4m3[Int($0)] }
    case .f8e5m2: words(UInt8.self, at: places).map { SmallFloat.e5m2[Int($0)] }
    case .f8e8m0, .u8: words(UInt8.self, at: places).map { SmallFloat.e8m0[Int($0)] }
    case .i8: words(Int8.self, at: places).map { Double($0) }
    default: preconditionFailure("\(type.rawValue) is read as no numbers")
    }
  }

  /// All elements as exact numbers, one after the other.
  var numbers: some Sequence<Double> {
    stride(from: 0, to: count, by: 4096).lazy.flatMap { [self] in numbers(at: $0..<min($0 + 4096, count)) }
  }

  /// Whether a number of it has at most eleven significant bits, so that its product with a code of eight is a Float32.
  var isShort: Bool { type != .f32 && type != .f64 }
}

/// The `count` codes of so many `bits` that stand one after the other in `words`, the lowest bits first.
func unpacked(_ words: [UInt32], bits: Int, count: Int) -> [Int] {
  (0..<count).map { index in
    let (word, shift) = (index * bits / 32, index * bits % 32)
    let upper = shift + bits > 32 ? UInt64(words[word + 1]) << 32 : 0
    return Int((UInt64(words[word]) | upper) >> UInt64(shift) & (1 << UInt64(bits) - 1))
  }
}
