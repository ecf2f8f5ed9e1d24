import Testing

@testable import PlumbVerdicts

@Suite struct DriftTableTests {
  @Test(arguments: [
    (0, "0"), (0.5, "0.500"), (1.0003, "1.001"), (11.0308, "12"), (99_999.5, "100000"), (123_456, "1.3e5"),
    (0x1p-40, "9.1e-13"), (.infinity, "inf"),
  ]) func numbersForPeopleAreRoundedUp(value: Double, text: String) {
    #expect(ReportText.short(value) == text)
  }
}
