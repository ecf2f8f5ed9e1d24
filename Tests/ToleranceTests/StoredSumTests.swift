import PlumbModel
import Testing

@testable import PlumbTolerance

/// Sums whose every partial result is stored.
@Suite struct StoredSumTests {
  /// Every tree of additions in Float32, each result stored or not, is within the bound, and some come near it.
  @Test(arguments: [("f32", FloatFormat.float32), ("bf16", .bfloat16), ("f16", .float16)])
  func everyTreeIsWithin(text: String, format: FloatFormat) throws {
    let model = try ArithmeticModel(parsing: text)
    var random = SplitMix64(seed: 29)
    var greatest = 0.0
    for number in 0..<4_000 {
      let count = 2 + number % 6
      let terms = (0..<count).map { _ -> Float in
        let exponent = Int(random.next() % 12) - 6
        let significand = Double(Int(random.next() % 2_001) - 1_000) / 1_000
        return Float(format.rounded(significand * Double(sign: .plus, exponent: exponent, significand: 1)))
      }
      let bound = model.sumOfStored(terms.map { model.read($0) })
      // The terms are multiples of 2⁻⁴⁰ and below 2⁷: their sums are Float64s.
      let exact = terms.reduce(0.0) { $0 + Double($1) }
      #expect(bound.lower <= exact && exact <= bound.upper)
      var left = terms
      while left.count > 1 {
        let (a, b) = (left.remove(at: Int(random.next() % UInt64(left.count))), left.removeLast())
        let sum = a + b
        left.append(random.next() % 4 == 0 && left.count > 0 ? sum : Float(format.rounded(Double(sum))))
        left.swapAt(left.count - 1, Int(random.next() % UInt64(left.count)))
      }
      let distance = (Double(left[0]) - exact).magnitude
      #expect(distance <= bound.error, "\(terms)")
      if bound.error > 0 { greatest = max(greatest, distance / bound.error) }
    }
    // A bound several times too wide would be none.
    #expect(greatest > 0.5)
  }
}
