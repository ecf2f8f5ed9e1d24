import Plumbline
import Testing

@Suite struct NarrowFormatTests {
  /// Swift's own conversion is the truth for Float32.
  @Test func float32IsFloat32() {
    var source = SeededSource(seed: 1, stream: "narrow", index: 0)
    for _ in 0..<20_000 {
      let value = Double(
        sign: source.next() & 1 == 0 ? .plus : .minus, exponent: Int.random(in: -160...128, using: &source),
        significand: Double.random(in: 1..<2, using: &source))
      #expect(NarrowFormat.float32.rounded(value) == Double(Float(value)))
    }
  }

  /// Rows of the standard: the greatest numbers, the smallest, ties to even, and what overflows.
  @Test func halfAndBrainFloatsAtTheirEdges() {
    let half = NarrowFormat.float16
    #expect(half.rounded(65519) == 65504)
    #expect(half.rounded(65520) == .infinity)
    #expect(half.rounded(-65520, .towardZero) == -65504)
    #expect(half.rounded(0x1p-25) == 0)
    #expect(half.rounded(0x1.8p-25) == 0x1p-24)
    #expect(half.rounded(2049) == 2048)
    #expect(half.rounded(2051) == 2052)
    let brain = NarrowFormat.bfloat16
    #expect(brain.rounded(257) == 256)
    #expect(brain.rounded(259) == 260)
    #expect(brain.rounded(3e38) == 0x1.C4p127)
    #expect(brain.rounded(0x1.FFp127) == .infinity)
    #expect(brain.rounded(.nan).isNaN)
  }
}
