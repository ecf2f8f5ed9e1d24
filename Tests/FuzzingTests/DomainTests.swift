import PlumbCases
import PlumbVerdicts
import Testing

/// Cases that an adversary found: what is outside the domain is neither within nor proved outside.
@Suite struct DomainTests {
  private func judge(_ line: String) throws -> LocalDrift {
    Catalogue.judge(try CheckedCase(try CaseLine.parse(line)))
  }

  @Test(arguments: [
    "rotary-embedding theta=0x1p-20 firstPosition=1000 x=[1x1x4]:0x1p+0,0x1p+0,0x1p+0,0x1p+0",
    "residual-add x=[1x2]:0x1.fffffep+127,0x1p+0 residual=[1x2]:0x1.fffffep+127,0x1p+0",
    "rms-norm epsilon=0x0p+0 weight=[2]:0x1p+0,0x1p+0 x=[1x2]:0x0p+0,0x0p+0",
    "silu x=[1x1]:nan",
  ]) func nothingIsClaimed(line: String) throws {
    let drift = try judge(line)
    #expect(drift.verdict == .outsideDomain)
    #expect(drift.outsideDomain > 0)
    #expect(!(drift.margin > 1))
  }

  @Test(arguments: ["softmax x=[1x0]:", "rms-norm weight=[0]: x=[1x0]:", "silu x=[0x3]:"])
  func noElementsAreNoTrap(line: String) throws {
    #expect(try judge(line).verdict == .within)
  }

  @Test(arguments: [Int.min, -1, Int.max, 1 << 24]) func positionsThatCannotBeAreRefused(position: Int) throws {
    let line = "rotary-embedding firstPosition=\(position) x=[2x1x2]:0x1p+0,0x1p+0,0x1p+0,0x1p+0"
    #expect(throws: CaseError.self) { try CheckedCase(try CaseLine.parse(line)) }
    let scores = "attention-scores firstPosition=\(position) query=[1x1x1]:0x1p+0 key=[1x1x1]:0x1p+0"
    #expect(throws: CaseError.self) { try CheckedCase(try CaseLine.parse(scores)) }
  }
}
