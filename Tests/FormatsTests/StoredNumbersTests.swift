import PlumbExact
import PlumbModel
import Testing

@testable import PlumbFormats
@testable import PlumbReference

/// Numbers as they are stored, read back by the reference, which shares nothing with the writer.
@Suite struct StoredNumbersTests {
  /// The exact values of `bytes`.
  private func read(_ bytes: [UInt8], _ type: TensorType, _ count: Int) throws -> [Rational] {
    let tensor = try #require(Tensor(name: "t", type: type, shape: [1, count], bytes: WeightArray(bytes)))
    return try Reference.rationals(tensor)
  }

  /// Every binary16 that is finite comes back, and between two neighbours the nearer is taken, of equals the even one.
  @Test func halvesAreTheNearest() {
    for pattern in UInt16(0)..<0x7c00 {
      let value = Float(halfPattern: pattern)
      #expect(StoredNumbers.half(value) == pattern && StoredNumbers.half(-value) == pattern | 0x8000)
      let next = Float(halfPattern: pattern + 1 == 0x7c00 ? pattern : pattern + 1)
      guard next > value else { continue }
      let middle = (value + next) / 2
      #expect(StoredNumbers.half(middle) == pattern + pattern % 2, "\(pattern)")
      #expect(StoredNumbers.half(middle.nextDown) == pattern && StoredNumbers.half(middle.nextUp) == pattern + 1)
    }
    #expect(StoredNumbers.half(65519.996) == 0x7bff && StoredNumbers.half(65520) == 0x7c00)
    #expect(StoredNumbers.half(-.infinity) == 0xfc00 && StoredNumbers.half(.nan) & 0x7c00 == 0x7c00)
  }

  /// Half a step: of Float32 none, of binary16 and bfloat16 2⁻¹¹ and 2⁻⁸ of the number, of a block of Q8_0 half its scale, which is
  /// within 2⁻¹¹ of its greatest magnitude ÷ 127.
  @Test(arguments: StoredNumbers.types) func whatIsReadIsNear(type: TensorType) throws {
    var generator = SplitMix64(seed: 5)
    let numbers = (0..<256).map { _ in Float(Int(generator.next() >> 40) - (1 << 23)) * 0x1p-26 }
    let stored = try read(StoredNumbers.bytes(numbers, as: type), type, numbers.count)
    for (index, (number, value)) in zip(numbers, stored).enumerated() {
      let block = numbers[index / 32 * 32..<index / 32 * 32 + 32].reduce(Float(0)) { max($0, $1.magnitude) }
      let step: Double =
        switch type {
        case .f32: 0
        case .f16: Double(number.magnitude) * 0x1p-11 + 0x1p-25
        case .bf16: Double(number.magnitude) * 0x1p-8
        default: Double(block) / 127 * (0.5 + 128 * 0x1p-11)
        }
      let distance = (value - (try #require(Rational(exactly: number)))).magnitude
      #expect(distance <= (try #require(Rational(exactly: step))), "\(type.label) \(index): \(number)")
    }
  }
}
