import Foundation
import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import PlumbTolerance
import Testing

@testable import PlumbBounds
@testable import PlumbGrading
@testable import PlumbVerdicts

/// Details of low-rank attention and of groups of experts that an engine may get wrong, planted in our engine's passes of the tiny
/// models that transformers made (`Tests/Fixtures/families.py`).
@Suite struct LowRankTests {
  private static let tokens = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]

  private func model(_ family: String) throws -> LoadedModel {
    try LoadedModel.open(
      path: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/tiny-\(family)").path(percentEncoded: false))
  }

  /// The first cause that a grade finds where an engine computed `family` with an `edit`.
  private func cause(_ family: String, _ edit: (inout Block) -> Void) throws -> FirstCause? {
    let model = try model(family)
    let trace = try EngineTrace.record(model.transformer.editing(edit), Self.tokens)
    var writer = SafeTensorsWriter()
    for name in trace.order { writer.add(name.description, shape: trace[name].shape, trace[name].elements) }
    let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
    let dump = try ActivationDump(file, path: "dump", model: model, tokens: Self.tokens)
    let (report, failure) = try GradeMeasurement(model: model, dump: dump, arithmetic: .f32).report(isCumulative: false)
    #expect(report.verdict.isRefuted == (failure != nil))
    return failure.map { Diagnosis($0).explanation() }
  }

  private func expect(_ cause: FirstCause?, at name: String, is mutant: String) throws {
    let cause = try #require(cause)
    #expect(cause.name == name)
    #expect(cause.explanations.map(\.mutant).contains(mutant), "\(cause.explanations)")
  }

  @Test(arguments: ["deepseekv2", "deepseekv3"]) func aForgottenStretchIsFound(family: String) throws {
    let cause = try cause(family) { $0.editAttention { $0.attention.stretch = .number(1) } }
    try expect(cause, at: "blocks.0.attention-scores", is: "attention-scores stretch-forgotten")
  }

  @Test(arguments: ["deepseekv2", "deepseekv3", "glm4lite"]) func aTurnOfTheFirstElementsIsFound(family: String) throws
  {
    let cause = try cause(family) { $0.editAttention { $0.rotary?.firstRotated = 0 } }
    try expect(cause, at: "blocks.0.rotated-query", is: "rotary-embedding first-elements-turned")
  }

  @Test(arguments: ["deepseekv2", "deepseekv3", "glm4lite"]) func aWrongPairingIsFound(family: String) throws {
    let cause = try cause(family) { $0.editAttention { $0.rotary?.pairing = .halfSplit } }
    try expect(cause, at: "blocks.0.rotated-query", is: "rotary-embedding pairing-swapped")
  }

  @Test(arguments: ["deepseekv2", "deepseekv3"]) func groupsThatAreIgnoredAreFound(family: String) throws {
    let cause = try #require(try cause(family) { $0.editExperts { $0.router.groups = nil } })
    #expect(cause.anotherExpert != nil && cause.name.hasSuffix("router-weights"))
    #expect(cause.explanations.map(\.mutant).contains("router groups-ignored"), "\(cause)")
  }

  @Test(arguments: ["deepseekv2", "deepseekv3"]) func anotherScoreOfGroupsIsFound(family: String) throws {
    let found = try cause(family) { block in
      block.editExperts { $0.router.groups?.score = $0.router.score == .sigmoid ? .greatest : .sumOfTwo }
    }
    let cause = try #require(found)
    #expect(cause.name.hasSuffix("router-weights"))
    #expect(cause.explanations.map(\.mutant).contains("router group-score-swapped"), "\(cause)")
  }

  /// The number of the other norms in those of the latent rows is told from their own.
  @Test(arguments: ["deepseekv2", "deepseekv3", "glm4lite"]) func anotherEpsilonOfLatentRowsIsFound(family: String)
    throws
  {
    let cause = try cause(family) { block in
      block.editAttention { mixer in
        guard case .rms(var norm)? = mixer.keyValueLatent?.norm else { return }
        norm.epsilon = 0.5
        mixer.keyValueLatent?.norm = .rms(norm)
      }
    }
    #expect(cause?.name == "blocks.0.key-value-latent-norm")
  }

  /// A key of which heads share a part is joined as it is turned: heads' own elements pass, and the last are those that are shared.
  @Test func sharedKeysEndThoseOfAllHeads() throws {
    let trace = try EngineTrace.record(model("glm4lite").transformer, Self.tokens)
    func activation(_ role: ActivationName.Role) -> Activation<Float> { trace[ActivationName(block: 1, role)] }
    let (own, turned, shared) = (activation(.key), activation(.rotatedKey), activation(.sharedKey))
    #expect(own.shape == [12, 4, 6] && shared.shape == [12, 1, 8] && turned.shape == [12, 4, 14])
    for row in 0..<turned.rows { #expect(Array(turned.row(row).prefix(6)) == Array(own.row(row))) }
    // Position 0 is turned by no angle.
    for head in 0..<4 { #expect(Array(turned.row(head).suffix(8)) == Array(shared.row(0))) }
    #expect(activation(.value).shape == [12, 4, 5] && activation(.attentionValues).shape == [12, 4, 5])
  }

  @Test func whatDoesNotFitIsRefusedInALine() throws {
    let model = try model("deepseekv3").transformer
    func errors(_ edit: (inout AttentionMixer) -> Void) -> String {
      model.editing { $0.editAttention(edit) }.shapeErrors.first ?? ""
    }
    #expect(errors { _ in }.isEmpty)
    #expect(errors { $0.rotary = nil }.contains("share a part, but are not turned"))
    for first in [7, -1] {
      let error = errors { $0.rotary?.firstRotated = first }
      #expect(error.contains("rotated size 8 from element \(first) on"))
    }
    #expect(errors { $0.valueSize = 4 }.contains("kv_b_proj.weight[value]' has shape [20, 12], expected [16, 12]"))
    #expect(errors { $0.attention.stretch = .logarithms(factor: 0.5) }.contains("not known"))
    func groupErrors(_ groups: ExpertGroups) -> String {
      model.editing { $0.editExperts { $0.router.groups = groups } }.shapeErrors.first ?? ""
    }
    #expect(groupErrors(ExpertGroups(count: 4, kept: 2, score: .greatest)).contains("2 of 4 groups"))
    #expect(groupErrors(ExpertGroups(count: 6, kept: 1, score: .greatest)).contains("1 groups of 1"))
    #expect(groupErrors(ExpertGroups(count: 6, kept: 3, score: .sumOfTwo)).contains("no sum of two"))
    #expect(groupErrors(ExpertGroups(count: 0, kept: 0, score: .greatest)).contains("0 of 0 groups"))
  }

  /// A key of the configuration that does not fit, in place of which another stands, and the words of the refusal.
  @Test(arguments: [
    ("\"kv_lora_rank\": 12", "\"kv_lora_rank\": 13", "does not hold the 21 rows"),
    ("\"v_head_dim\": 5", "\"v_head_dim\": 4", "does not hold the 40 rows"),
    ("\"q_lora_rank\": 6", "\"q_lora_rank\": null", "q_proj.weight' is missing"),
    ("\"q_lora_rank\": 6", "\"q_lora_rank\": 0", "q_lora_rank"),
    ("\"qk_head_dim\": 14", "\"qk_head_dim\": 15", "the sum of qk_nope_head_dim and qk_rope_head_dim"),
    ("\"head_dim\": 8", "\"head_dim\": 7", "which qk_rope_head_dim is"),
    ("\"num_key_value_heads\": 4", "\"num_key_value_heads\": 2", "as each head has a key of its own"),
    ("\"num_attention_heads\": 4", "\"num_attention_heads\": 2147483647", "num_key_value_heads"),
    ("\"n_group\": 3", "\"n_group\": 4", "a divisor of the 6 experts"),
    ("\"topk_group\": 2", "\"topk_group\": 4", "at most the 3 groups"),
    ("\"mscale_all_dim\": 1.0", "\"mscale_all_dim\": -1.0", "mscale_all_dim"),
    ("\"rope_interleave\": true", "\"rope_interleave\": 1", "rope_interleave"),
    ("\"routed_scaling_factor\": 2.5", "\"routed_scaling_factor\": 0", "routed_scaling_factor"),
  ]) func aConfigurationThatDoesNotFitIsRefused(old: String, new: String, words: String) throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/tiny-deepseekv3").path(percentEncoded: false)
    let text = try EditedFolder.refusal(path, config: [(old, new)])
    #expect(text.contains(words), "\(text)")
  }
}

/// The choice of experts in groups, exactly and by proof.
@Suite struct ExpertGroupTests {
  private func layer(_ groups: ExpertGroups, score: RouterLayer.Score, bias: [Float]? = nil) throws -> RouterLayer {
    func tensor(_ values: [Float], _ shape: [Int]) throws -> Tensor {
      try #require(Tensor(name: "t", type: .f32, shape: shape, bytes: WeightArray(values)))
    }
    // Rows that differ, so that none are equal whatever the token.
    return RouterLayer(
      logits: LinearLayer(weight: try tensor([1, 2, 3, 4, 5, 6], [6, 1])), chosen: 2, score: score,
      isRenormalised: true,
      choiceBias: try bias.map { try tensor($0, [6]) }, groups: groups)
  }

  /// Logits whose greatest stands in a group of a small sum.
  private static let logits: [Float] = [3, -9, 2, 1.75, -8, -7]

  @Test(arguments: [
    (ExpertGroups.Score.greatest, 1, [0, 1]), (.sumOfTwo, 1, [2, 3]), (.greatest, 2, [0, 2]), (.sumOfTwo, 2, [0, 2]),
  ])
  func groupsAreChosenByTheirScore(score: ExpertGroups.Score, kept: Int, chosen: [Int]) throws {
    let layer = try layer(ExpertGroups(count: 3, kept: kept, score: score), score: .sigmoid)
    let logits = Activation<Float>(shape: [1, 6], elements: Self.logits)
    let exact = try Reference.routerChoice(try #require(logits.asBalls), layer, precision: 128)
    #expect(exact.experts == [chosen])
    let weights = Engine.router(logits, layer)
    #expect(RouterProof.experts(of: weights.row(0)) == chosen)
  }

  /// Groups whose scores the precision does not tell apart are not chosen among; of equal ones the first is.
  @Test func tiesAreDecidedOrNot() throws {
    let layer = try layer(ExpertGroups(count: 3, kept: 1, score: .greatest), score: .softmax)
    let wide = Ball(lower: 1, upper: 2)
    func choice(_ balls: [Ball]) throws -> [Int] {
      try Reference.routerChoice(Activation(shape: [1, 6], elements: balls), layer, precision: 64).experts[0]
    }
    #expect(throws: EnclosureError.self) { try choice([wide, Ball(0), wide, Ball(0), Ball(0), Ball(0)]) }
    #expect(try choice([Ball(0), Ball(0), Ball(2), Ball(1), Ball(1), Ball(2)]) == [2, 3])
    // Within the group that is kept, a pair that does not count.
    #expect(try choice([wide, wide, Ball(0), Ball(0), Ball(0), Ball(0)]) == [0, 1])
  }

  /// An engine may take either of two groups whose sums are apart by less than it rounds; a third is refuted.
  @Test func aGroupThatRoundingExplainsIsFollowed() throws {
    // Scores σ(1) and σ(0) twice, the biases of the second pair less by 2⁻²⁶ than they are in the first.
    let bias: [Float] = [0.25, 0.5, 0.25, 0.5 - 0x1p-25, -0.5, -0.5]
    let layer = try layer(ExpertGroups(count: 3, kept: 1, score: .sumOfTwo), score: .sigmoid, bias: bias)
    let logits = Activation<Float>(shape: [1, 6], elements: [1, 0, 1, 0, 1, 0])
    let balls = try #require(logits.asBalls)
    let exact = try Reference.routerChoice(balls, layer, precision: 256)
    #expect(exact.experts == [[0, 1]])
    let proof = RouterProof(
      exact: exact, logits: balls, tracked: logits.map { Tracked(Double($0)) },
      bias: Activation(shape: [6], elements: bias.map { Tracked(Double($0)) }), layer, .f32)
    #expect(proof.refutation(of: [0, 1], token: 0) == nil && proof.refutation(of: [2, 3], token: 0) == nil)
    #expect(!proof.isCertain(token: 0))
    let refutation = try #require(proof.refutation(of: [4, 5], token: 0))
    #expect(refutation.preferred == 0 && refutation.margin > 1)
    // σ(1) + σ(0) + 0.75 less σ(1) + σ(0) − 1, at least: its ends are those of numbers below 4 in Float64, after fewer than 64 roundings.
    #expect(refutation.difference <= 1.75 && 1.75 - refutation.difference < 64 * 0x1p-51)
    // One expert of each of two groups, where one group is kept.
    #expect(proof.refutation(of: [0, 4], token: 0) != nil)
  }
}
