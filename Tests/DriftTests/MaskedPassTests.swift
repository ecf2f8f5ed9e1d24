import Foundation
import PlumbEngine
import PlumbFormats
import PlumbModel
import Testing

@testable import PlumbVerdicts

/// A pass whose attention has a window, a scale and a soft cap, at positions that are scaled.
@Suite struct MaskedPassTests {
  private static func transformer(
    isCausal: Bool = true, window: Int? = 3, scale: Float? = 0.3, softCap: Float? = 0.5, scalingFactor: Float = 2.5,
    rotatedSize: Int? = nil
  ) -> Transformer {
    LoadedModel.seeded.transformer.editing(name: "masked") { block in
      block.editAttention { mixer in
        let whole = mixer.attention
        mixer.rotary = mixer.rotary.map { rotary in
          RotaryEmbeddingLayer(
            rotatedSize: rotatedSize ?? rotary.rotatedSize, theta: rotary.theta, pairing: rotary.pairing,
            scalingFactor: scalingFactor)
        }
        mixer.attention = AttentionLayer(
          heads: whole.heads, keyValueHeads: whole.keyValueHeads, headSize: whole.headSize, isCausal: isCausal,
          window: window, scale: scale, softCap: softCap)
      }
    }
  }

  private static let tokens = [80, 108, 117, 109, 98, 46, 10]

  /// The report is the exact path's where the filter leaves it elements of a rotary embedding, turned or not.
  @Test func headsThatAreTurnedInPart() throws {
    let size = try #require(LoadedModel.seeded.transformer.plan.attention(inBlock: 0)).headSize
    let transformer = Self.transformer(rotatedSize: size / 4 * 2)
    let trace = try EngineTrace.record(transformer, Self.tokens)
    for name in trace.order where name.role == .rotatedQuery || name.role == .rotatedKey {
      let exact = LocalMeasurement(transformer: transformer, trace: trace).measure(name)
      let verdicts = try LocalVerdicts(transformer, trace, of: [name])
      let filtered = try #require(verdicts.drifts[name])
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      let texts = try [filtered, exact].map { String(decoding: try encoder.encode($0), as: UTF8.self) }
      #expect(texts[0] == texts[1], "\(name)")
      #expect(verdicts.exactElements > 0)
    }
  }

  @Test func everyActivationIsWithin() throws {
    let transformer = Self.transformer()
    let trace = try EngineTrace.record(transformer, Self.tokens)
    let measurement = LocalMeasurement(transformer: transformer, trace: trace)
    for name in trace.order where name.block != 1 {
      let drift = measurement.measure(name)
      #expect(drift.verdict == .within && drift.outsideDomain == 0, "\(name)")
    }
  }

  @Test func chunksAndThreadsChangeNoBit() throws {
    let transformer = Self.transformer()
    let whole = try Engine.Pass(transformer, threads: 1).append(Self.tokens)
    for (threads, size) in [(1, 1), (2, 3), (3, 2)] {
      let pass = try Engine.Pass(transformer, threads: threads)
      var logits = whole
      for start in stride(from: 0, to: Self.tokens.count, by: size) {
        logits = try pass.append(Array(Self.tokens[start..<min(start + size, Self.tokens.count)]))
      }
      #expect(logits == whole)
    }
    // Who observes writes scores and weights elsewhere.
    #expect(try Engine.Pass(transformer).append(Self.tokens, observer: { _, _ in }) == whole)
    let plain = try Engine.Pass(LoadedModel.seeded.transformer).append(Self.tokens)
    #expect(plain != whole)
  }

  @Test(arguments: [
    (transformer(isCausal: false), "causal mask"), (transformer(window: 0), "window of 0"),
    (transformer(scale: 0), "scale of the attention"), (transformer(softCap: .infinity), "soft cap"),
    (transformer(scalingFactor: -1), "factor of the positions"),
  ]) func whatNoPassComputesIsRefused(transformer: Transformer, words: String) {
    let error = #expect(throws: Engine.PassError.self) { try Engine.Pass(transformer) }
    #expect(error.map { "\($0)".contains(words) } == true, "\(String(describing: error))")
  }
}
