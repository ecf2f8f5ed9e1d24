import PlumbExact
import PlumbModel
import PlumbReference
import Testing

/// The numbers that stored weights are, against a table computed independently and against the definition of the floats.
@Suite struct WeightRowTests {
  private func tensor(_ type: TensorType, _ shape: [Int], _ bytes: [UInt8]) throws -> Tensor {
    try #require(Tensor(name: "tensor", type: type, shape: shape, bytes: WeightArray(bytes)))
  }

  private func bytes(_ value: Double) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(8 * $0)) }
  }

  @Test(arguments: BlockTable.all)
  func `A block is the numbers that its format defines`(_ block: BlockTable) throws {
    let bytes = try #require(hexadecimal(block.bytes))
    let columns = block.type.elementsPerBlock
    let expected = block.weights.map { Rational(significand: Integer($0), exponent: -24) }
    #expect(expected.count == columns)
    // Twice in a row and in two rows, with other bytes around it: blocks and rows must not be confused.
    let other = [UInt8](repeating: 0, count: bytes.count)
    let matrix = try tensor(block.type, [2, 2 * columns], other + bytes + bytes + other)
    let zeros = try Reference.row(0, of: tensor(block.type, [columns], other))
    let (first, second) = (try Reference.row(0, of: matrix), try Reference.row(1, of: matrix))
    for index in 0..<columns {
      #expect(first[columns + index] == expected[index])
      #expect(second[index] == expected[index])
      #expect(first[index] == zeros[index])
      #expect(zeros[index] == 0)
    }
  }

  @Test func `The table covers every quantised type`() {
    let plain: Set<TensorType> = [.f32, .f16, .bf16, .f64]
    #expect(Set(BlockTable.all.map(\.type)).union(plain) == Set(TensorType.allCases))
  }

  @Test func `Every finite binary16 is its number`() throws {
    for bits in UInt16.min...UInt16.max {
      let bytes = [UInt8(bits & 0xFF), UInt8(bits >> 8)]
      let value = Float16(bitPattern: bits)
      if value.isFinite {
        #expect(try Reference.row(0, of: tensor(.f16, [1], bytes))[0] == Rational(exactly: value))
      } else {
        #expect(throws: EnclosureError.self) { try Reference.row(0, of: tensor(.f16, [1], bytes)) }
      }
    }
  }

  @Test func `Every finite bfloat16 is the float with zeros below`() throws {
    for upper in stride(from: UInt32(0), through: 0xFFFF, by: 7) {
      let bytes = [UInt8(upper & 0xFF), UInt8(upper >> 8)]
      let value = Float(bitPattern: upper << 16)
      if value.isFinite {
        #expect(try Reference.row(0, of: tensor(.bf16, [1], bytes))[0] == Rational(exactly: value))
      } else {
        #expect(throws: EnclosureError.self) { try Reference.row(0, of: tensor(.bf16, [1], bytes)) }
      }
    }
  }

  @Test func `Floats are themselves, whatever their spread`() throws {
    let values: [Float] = [0x1p-149, -0x1.fffffep127, 0, -0.0, 1, -0x1.8p-126, 0x1.234568p3, 0x1p-126]
    let matrix = try #require(Tensor(name: "tensor", type: .f32, shape: [2, 4], bytes: WeightArray(values)))
    for (index, value) in values.enumerated() {
      #expect(try Reference.row(index / 4, of: matrix)[index % 4] == Rational(exactly: value))
    }
  }

  @Test func `Doubles are themselves, whatever their spread`() throws {
    let values = [
      0x1p-1074, -0x1.fffffffffffffp1023, 0, -0.0, 1, -0x1.8p-1022, 0x1.23456789abcdfp3, -0x1.0000000000001p-40,
      0x1.8p40, 7,
    ]
    let all = values.flatMap(bytes)
    for columns in [1, 5] {
      let matrix = try #require(
        Tensor(name: "tensor", type: .f64, shape: [10 / columns, columns], bytes: WeightArray(all)))
      for (index, value) in values.enumerated() {
        #expect(try Reference.row(index / columns, of: matrix)[index % columns] == Rational(exactly: value))
      }
    }
    let infinite = try tensor(.f64, [1], bytes(.infinity))
    #expect(throws: EnclosureError.self) { try Reference.row(0, of: infinite) }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `A row with NaN or infinity is refused by name`(_ value: Float) throws {
    let matrix = try #require(Tensor(name: "tensor", type: .f32, shape: [2, 2], bytes: WeightArray([1, 2, 3, value])))
    _ = try Reference.row(0, of: matrix)
    let error = #expect(throws: EnclosureError.self) { try Reference.row(1, of: matrix) }
    #expect(error.map { "\($0)" }?.contains("'tensor', row 1") == true)
  }

  @Test(arguments: BlockTable.all)
  func `A block whose scale is not finite is refused`(_ block: BlockTable) throws {
    var bytes = try #require(hexadecimal(block.bytes))
    let scale = [TensorType.q6_K: 208, .q2_K: 80, .q3_K: 108][block.type] ?? 0
    (bytes[scale], bytes[scale + 1]) = block.type == .mxfp4 ? (0xFF, 0x00) : (0x00, 0x7C)
    let infinite = try tensor(block.type, [block.type.elementsPerBlock], bytes)
    #expect(throws: EnclosureError.self) { try Reference.row(0, of: infinite) }
  }

  private func hexadecimal(_ text: String) -> [UInt8]? {
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, text.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { first in
      let (high, low): (Int, Int) = (digits[first], digits[first + 1])
      return UInt8(16 * high + low)
    }
  }
}
