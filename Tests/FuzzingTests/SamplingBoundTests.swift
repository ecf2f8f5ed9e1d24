import Plumbline
import Testing

/// Where the mass of the likeliest token lies within rounding of top-p either set is right, and elsewhere only one.
///
/// With d = −1.5·2⁻²⁰, 1/(1 + e^d) is 0x1.00000cp-1 − 6.1·10⁻²⁰ (computed by mpmath with 60 digits).
@Suite struct SamplingBoundTests {
  private func verdict(topP: String, _ output: [Float]) throws -> Verdict {
    let line = "sampling topK=2 topP=\(topP) logits=[1x3]:0x0p+0,-0x1.8p-20,-0x1p+0"
    let input = try CheckedCase(try CaseLine.parse(line))
    return Catalogue.judge(input, output: Activation(shape: [1, 3], elements: output)).verdict
  }

  private static let both: [Float] = [0x1.00000cp-1, 0x1.ffffe8p-2, 0]

  @Test func eitherSetIsRightWhereRoundingDecides() throws {
    #expect(try verdict(topP: "0x1.00000cp-1", Self.both) == .within)
    #expect(try verdict(topP: "0x1.00000cp-1", [1, 0, 0]) == .within)
    // What top-k removes is 0 all the same.
    #expect(try verdict(topP: "0x1.00000cp-1", [1, 0, 0x1p-149]) == .outside)
  }

  @Test func elsewhereAWrongSetIsOutside() throws {
    #expect(try verdict(topP: "0x1.00000ep-1", Self.both) == .within)
    #expect(try verdict(topP: "0x1.00000ep-1", [1, 0, 0]) == .outside)
    #expect(try verdict(topP: "0x1.00000ap-1", [1, 0, 0]) == .within)
    #expect(try verdict(topP: "0x1.00000ap-1", Self.both) == .outside)
  }

  /// Masses of equally likely tokens are whole numbers, in the engine too.
  @Test func equallyLikelyTokensLeaveNoDoubt() throws {
    let input = try CheckedCase(try CaseLine.parse("sampling topP=0x1p-1 logits=[1x4]:0x1p+0,0x1p+0,0x1p+0,0x1p+0"))
    func verdict(_ output: [Float]) throws -> Verdict {
      Catalogue.judge(input, output: Activation(shape: [1, 4], elements: output)).verdict
    }
    #expect(try verdict([0.5, 0.5, 0, 0]) == .within)
    #expect(Catalogue.engine(input).elements == [0.5, 0.5, 0, 0])
    #expect(try verdict([0, 0, 0.5, 0.5]) == .outside)
    #expect(try verdict([0x1.555556p-2, 0x1.555556p-2, 0x1.555556p-2, 0]) == .outside)
  }
}
