import PlumbExact
import PlumbFormats
import Testing

@testable import PlumbDrift

@Suite struct NextTokenDistributionTests {
  private func distribution(_ engine: [Float], _ exact: [Rational]) -> NextTokenDistribution {
    distribution(engine, exact.map { Ball($0) })
  }

  private func distribution(
    _ engine: [Float], _ exact: [Ball], logits: [Float]? = nil
  ) -> NextTokenDistribution {
    NextTokenDistribution(logits: logits ?? engine, engine: engine, exact: exact, tokenizer: ByteTokenizer())
  }

  @Test func aFirstChoiceIsProvedOnlyWhereItsEnclosureLiesAboveAllOthers() {
    let apart: [Rational] = ["1/4", "1/2", "1/4"]
    #expect(distribution([0.25, 0.5, 0.25], apart).topTokenProved)
    #expect(!distribution([0.5, 0.25, 0.25], apart).topTokenProved)
    let touching = [
      Ball(midpoint: "1/4", radius: "1/8"), Ball(midpoint: "1/2", radius: "1/8"), Ball(midpoint: "1/4", radius: 0),
    ]
    #expect(!distribution([0.25, 0.5, 0.25], touching).topTokenProved)
    // Equal probabilities: the engine's choice is the lowest number, and nothing proves it.
    #expect(!distribution([0.5, 0.5], ["1/2", "1/2"]).topTokenProved)
  }

  @Test func theChoiceIsMadeFromLogitsAndOnlyWhereAllAreFinite() {
    let exact = [Ball(midpoint: "1/2", radius: "1/100"), Ball(midpoint: "1/4", radius: "1/100")]
    // Equal probabilities in Float32, but the second logit is greater: it is the second token that would be drawn.
    #expect(!distribution([0.5, 0.5], exact, logits: [0, 0x1p-30]).topTokenProved)
    #expect(distribution([0.5, 0.5], exact, logits: [0x1p-30, 0]).topTokenProved)
    #expect(!distribution([.nan, .nan], exact, logits: [.nan, .nan]).topTokenProved)
    #expect(!distribution([1, 0], exact, logits: [.infinity, 0]).topTokenProved)
  }

  @Test func tokensAreOrderedByTheExactProbabilityAndThenByNumber() {
    let exact: [Rational] = ["1/8", "1/2", "1/8", "1/4"]
    #expect(distribution([0.1, 0.2, 0.3, 0.4], exact).likeliest(3).map(\.token) == [1, 3, 0])
  }

  @Test func digitsAndEnclosuresAreThoseOfTheExactProbability() throws {
    let third = try #require(distribution([0.25], ["1/3"]).likeliest(1).first)
    #expect(third.engine == "0x1p-2")
    #expect(third.exact == "0.3333333333")
    // The two neighbours of 1/3 in binary64.
    #expect(third.lower == "0x1.5555555555555p-2")
    #expect(third.upper == "0x1.5555555555556p-2")
  }
}
