import Testing

@testable import PlumbFormats

/// Numbers of eight bits and fewer, against what their specifications state of each format.
@Suite struct SmallFloatTests {
  /// OCP 2023, OFP8, table 1: the greatest, the least normal and subnormal numbers, infinities and NaNs.
  @Test func theSpecificationsNumbersAreThere() {
    let (e4m3, e5m2) = (SmallFloat.e4m3, SmallFloat.e5m2)
    #expect(e4m3[0x7e] == 448 && e4m3[0x08] == 0x1p-6 && e4m3[0x07] == 0.875 * 0x1p-6 && e4m3[0x01] == 0x1p-9)
    #expect(e4m3[0x7f].isNaN && e4m3[0xff].isNaN && e4m3.filter(\.isNaN).count == 2 && !e4m3.contains(.infinity))
    #expect(e5m2[0x7b] == 57344 && e5m2[0x04] == 0x1p-14 && e5m2[0x03] == 0.75 * 0x1p-14 && e5m2[0x01] == 0x1p-16)
    #expect(e5m2[0x7c] == .infinity && e5m2[0xfc] == -.infinity && e5m2.filter(\.isNaN).count == 6)
    #expect(SmallFloat.e8m0[0] == 0x1p-127 && SmallFloat.e8m0[127] == 1 && SmallFloat.e8m0[254] == 0x1p127)
    #expect(SmallFloat.e8m0[255].isNaN)
    #expect(SmallFloat.e2m1 == [0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6])
  }

  /// The numbers without a sign rise with their bits, and the others are theirs with one.
  @Test func numbersRise() {
    for table in [SmallFloat.e4m3, SmallFloat.e5m2] {
      let half = table.prefix(128).prefix { $0.isFinite }
      #expect(zip(half, half.dropFirst()).allSatisfy { $0 < $1 })
      for (index, number) in half.enumerated() { #expect(table[index + 128] == -number) }
    }
  }
}
