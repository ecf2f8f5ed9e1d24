import Foundation
import PlumbEngine
import PlumbFormats
import PlumbModel
import Testing

@testable import PlumbGrading
@testable import PlumbMutants
@testable import PlumbVerdicts

/// Details of a family that an engine may get wrong, planted in our engine's passes of the tiny models without experts.
///
/// All families where time allows (`PLUMB_FUZZ_EFFORT`), otherwise one of each kind of block.
@Suite struct PlantedDetailTests {
  private static let families =
    ProcessInfo.processInfo.environment["PLUMB_FUZZ_EFFORT"] == nil
    ? ["mistral", "gemma2", "phi3", "gpt2", "falcon", "bloom", "bert", "embeddinggemma"] : all
  private static let all = [
    "mistral", "qwen2", "qwen3", "llama3", "yarn", "gemma", "gemma2", "gemma3", "phi3", "granite", "olmo", "olmo2",
    "olmo3", "glm4", "smollm3", "cohere", "cohere2", "starcoder2", "stablelm", "gptneox", "gpt2", "phi", "ministral3",
    "falcon", "falcon40", "falconseq", "falconrw", "bloom", "mpt", "bert", "distilbert", "roberta", "nomic",
    "modernbert", "embeddinggemma",
  ]
  private static let tokens = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]

  private func model(_ family: String) throws -> LoadedModel {
    try LoadedModel.open(
      path: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/tiny-\(family)").path(percentEncoded: false))
  }

  /// The first cause that a grade finds where an engine computed `wrong` in place of the `family`.
  private func cause(_ family: String, _ wrong: Transformer) throws -> FirstCause? {
    let trace = try EngineTrace.record(wrong, Self.tokens)
    var writer = SafeTensorsWriter()
    for name in trace.order { writer.add(name.description, shape: trace[name].shape, trace[name].elements) }
    let model = try model(family)
    let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
    let dump = try ActivationDump(file, path: "dump", model: model, tokens: Self.tokens)
    let (report, failure) = try GradeMeasurement(model: model, dump: dump, arithmetic: .f32).report(isCumulative: false)
    #expect(report.verdict.isRefuted == (failure != nil))
    return failure.map { Diagnosis($0).explanation() }
  }

  @Test(arguments: families) func aSoundPassIsWithin(family: String) throws {
    #expect(try cause(family, model(family).transformer) == nil)
  }

  /// Families that no positions turn.
  private static let unturned = ["gpt2", "bert", "distilbert", "roberta", "falconrw", "bloom", "mpt"]

  /// Pairs half a head apart for neighbours, or the reverse.
  @Test(arguments: families.filter { !unturned.contains($0) })
  func aWrongPairingIsFound(family: String) throws {
    let wrong = try model(family).transformer.editing { block in
      block.editAttention { mixer in
        let pairing = mixer.rotary?.pairing
        mixer.rotary?.pairing = pairing == .adjacent ? .halfSplit : .adjacent
      }
    }
    let cause = try #require(try cause(family, wrong))
    #expect(cause.name == "blocks.0.rotated-query")
    #expect(cause.explanations.map(\.mutant).contains("rotary-embedding pairing-swapped"), "\(cause.explanations)")
  }

  /// A scale that is forgotten.
  @Test(arguments: families) func aForgottenScaleIsFound(family: String) throws {
    let wrong = try model(family).transformer.editing { $0.editAttention { $0.attention.scale = 1 } }
    let cause = try #require(try cause(family, wrong))
    #expect(cause.name == "blocks.0.attention-scores")
    let names = cause.explanations.map(\.mutant)
    #expect(names.contains { $0.hasSuffix(" scale-forgotten") }, "\(cause.explanations)")
  }

  /// A linear bias that is forgotten, has the slopes of other heads, or meets the scores on the other side of their scale.
  @Test(
    arguments: ["bloom", "mpt", "falconrw"],
    [
      "alibi-forgotten", "alibi-reversed", "alibi-of-plain-powers", "alibi-from-1", "alibi-twice",
      "alibi-scaled-otherwise",
    ])
  func aWrongLinearBiasIsFound(family: String, bug: String) throws {
    let sound = try model(family).transformer
    let bias = try #require(sound.plan.attention(inBlock: 0)?.linearBias)
    let others: [String: LinearBias] = [
      "alibi-reversed": bias.reversed, "alibi-of-plain-powers": bias.ofPlainPowers, "alibi-from-1": bias.fromOne,
      "alibi-twice": bias.doubled, "alibi-scaled-otherwise": bias.otherwiseScaled,
    ]
    let wrong = sound.editing { $0.editAttention { $0.attention.linearBias = others[bug] } }
    let cause = try #require(try cause(family, wrong))
    #expect(cause.name == "blocks.0.attention-scores")
    let names = cause.explanations.map(\.mutant)
    #expect(names.contains { $0.hasSuffix(" \(bug)") }, "\(cause.explanations)")
  }

  /// Queries, keys and values that are not kept within their limit, or within another.
  @Test(arguments: ["mpt", "olmoclip"], ["clamp clamp-forgotten", "clamp limit-halved"])
  func aWrongClampIsFound(family: String, bug: String) throws {
    let wrong = try model(family).transformer.editing { block in
      block.editAttention { $0.clamp?.limit = bug.hasSuffix("forgotten") ? 1000 : 0.375 }
    }
    let cause = try #require(try cause(family, wrong))
    #expect(cause.name == "blocks.0.clamped-query")
    #expect(cause.explanations.map(\.mutant).contains(bug), "\(cause.explanations)")
  }

  /// A window where there is none, which leaves scores out, or one of a position too many.
  @Test(arguments: families) func aWrongWindowIsFound(family: String) throws {
    let sound = try model(family).transformer
    let wrong = sound.editing { $0.editAttention { $0.attention.window = ($0.attention.window ?? 6) + 1 } }
    let cause = try #require(try cause(family, wrong))
    #expect(["blocks.0.attention-scores", "blocks.0.attention-weights"].contains(cause.name))
  }
}
