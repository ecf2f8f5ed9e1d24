import PlumbModel
import Testing

@testable import PlumbVerdicts

@Suite struct HexadecimalTests {
  @Test(arguments: [
    (1.0, "0x1p+0"), (-1.5, "-0x1.8p+0"), (0.1, "0x1.999999999999ap-4"), (0, "0x0p+0"), (-0.0, "-0x0p+0"),
    (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"), (0x1.0000000000001p-1022, "0x1.0000000000001p-1022"),
  ]) func writesWhatCWrites(value: Double, text: String) {
    #expect(value.hexadecimal == text)
  }

  @Test func everyFloatReadsBackAsItself() {
    var generator = SplitMix64(seed: 5)
    for _ in 0..<2_000 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
      guard value.isFinite else { continue }
      #expect(Float(value.hexadecimal)?.bitPattern == value.bitPattern)
    }
  }
}
