import Foundation
import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbBounds
@testable import PlumbGolden
@testable import PlumbVerdicts

/// Tiny models of each family that transformers made (`Tests/Fixtures/families.py`), beside what it computes in Float64.
@Suite struct FamilyTests {
  /// The fixtures, each with the name that its family has in `config.json`.
  private static let fixtures = [
    ("mistral", "mistral"), ("qwen2", "qwen2"), ("qwen3", "qwen3"), ("llama3", "llama"), ("yarn", "llama"),
    ("gemma", "gemma"), ("gemma2", "gemma2"), ("gemma3", "gemma3_text"), ("phi3", "phi3"), ("granite", "granite"),
    ("olmo", "olmo"), ("olmo2", "olmo2"), ("olmo3", "olmo3"), ("glm4", "glm4"), ("smollm3", "smollm3"),
    ("cohere", "cohere"), ("cohere2", "cohere2"), ("starcoder2", "starcoder2"), ("stablelm", "stablelm"),
    ("gptneox", "gpt_neox"), ("gpt2", "gpt2"), ("phi", "phi"), ("ministral3", "ministral3"),
    ("bert", "bert"), ("distilbert", "distilbert"), ("roberta", "roberta"), ("xlmroberta", "xlm-roberta"),
    ("nomic", "nomic_bert"),
    ("modernbert", "modernbert"), ("mixtral", "mixtral"), ("qwen2moe", "qwen2_moe"), ("qwen3moe", "qwen3_moe"),
    ("olmoe", "olmoe"), ("granitemoe", "granitemoe"), ("glm4moe", "glm4_moe"), ("gptoss", "gpt_oss"),
    ("gptossmx", "gpt_oss"), ("falcon", "falcon"), ("falcon40", "falcon"), ("falconseq", "falcon"),
    ("deepseekv2", "deepseek_v2"), ("deepseekv3", "deepseek_v3"), ("glm4lite", "glm4_moe_lite"),
    ("embeddinggemma", "gemma3_text"), ("bloom", "bloom"), ("mpt", "mpt"), ("falconrw", "falcon"),
    ("olmoclip", "olmo"), ("olmoeclip", "olmoe"),
  ]
  private static let tokens = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]

  private func path(_ family: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/tiny-\(family)").path(percentEncoded: false)
  }

  /// The greatest distance of transformers' Float64 hidden states and last logits from the exact ones of `transformer`, in parts
  /// of each tensor's greatest magnitude.
  private func distance(_ transformer: Transformer, from family: String, tokens: Int? = nil) throws -> Double {
    let plan = transformer.plan
    let count = tokens ?? Self.tokens.count
    var exact: [ActivationName: Activation<Ball>] = [:]
    try Reference.TensorPass(transformer, precision: 256).run(Array(Self.tokens.prefix(count))) { exact[$0] = $1 }
    let entries = try SafeTensors(path: "\(path(family))/float64.safetensors").entries
    #expect(entries.count == plan.blocks.count + (transformer.isDecoder ? 2 : 1))
    var greatest = 0.0
    for entry in entries {
      let found = try Activation<Double>(entry, file: "float64")
      var name = ActivationName(.logits)
      if entry.name.hasPrefix("hidden_states."), let index = Int(entry.name.dropFirst("hidden_states.".count)) {
        // The last is taken behind the final norm, where there is one.
        let end = ActivationName(.finalNorm)
        name = index == plan.blocks.count && plan[end] != nil ? end : plan.streams[index]
      }
      let right = try #require(exact[name]).elements
      let elements = found.elements.prefix(found.columns * count).suffix(right.count)
      let scale = try #require(elements.map(\.magnitude).max())
      for (a, b) in zip(elements, right) {
        let distance = (try #require(Rational(exactly: a)) - b.midpoint).magnitude + b.radius
        greatest = max(greatest, distance.doubleRoundedUp / scale)
      }
    }
    return greatest
  }

  /// The sum of the roundings of a pass in Float64, in parts of a tensor's greatest magnitude.
  ///
  /// Sums of these models have at most 64 terms, which round by 64·2⁻⁵³, some 7·10⁻¹⁵, of their magnitudes; their passes have a
  /// hundred steps behind one another.
  private static let float64 = 1e-12

  /// Only roundings of 2⁻⁵³ lie between the two: one unit in the last place of a Float32 parameter, 2⁻²³ of it, moves the pass a
  /// thousand times farther than they do.
  @Test(arguments: fixtures)
  func theExactPassIsTransformers(family: String, architecture: String) throws {
    let model = try LoadedModel.open(path: path(family))
    #expect(model.architecture == architecture)
    let other = model.transformer.editing { block in
      block.editAttention { mixer in
        if let rotary = mixer.rotary {
          mixer.rotary?.theta = rotary.theta.nextUp
        } else {
          mixer.attention.scale = (1 / Float(mixer.attention.sizeOfScale).squareRoot()).nextUp
        }
      }
    }
    let (own, moved) = (try distance(model.transformer, from: family), try distance(other, from: family))
    #expect(own * 1000 < moved && own < Self.float64, "\(own), \(moved)")
  }

  /// The same models as llama.cpp's converter writes them: the families, and how many tokens see no window that a file lacks.
  private static let files = [
    ("qwen2", 4), ("qwen3", 12), ("yarn", 12), ("gemma", 12), ("gemma2", 12), ("gemma3", 12),
    ("granite", 12), ("olmo", 12), ("olmo2", 12), ("olmo3", 12), ("glm4", 12), ("smollm3", 12), ("cohere", 12),
    ("cohere2", 12), ("starcoder2", 5), ("stablelm", 12), ("gptneox", 12), ("gpt2", 12), ("phi", 12),
    ("mixtral", 12), ("qwen3moe", 12), ("olmoe", 12), ("granitemoe", 12), ("falcon", 12), ("falcon40", 12),
    ("deepseekv2", 12), ("deepseekv3", 12), ("bert", 12), ("distilbert", 12), ("roberta", 12), ("xlmroberta", 12),
    ("nomic", 12), ("modernbert", 12), ("embeddinggemma", 12), ("bloom", 12), ("mpt", 12),
    ("olmoclip", 12),
  ]

  @Test(arguments: files)
  func theFileIsTransformersToo(family: String, tokens: Int) throws {
    let model = try LoadedModel.open(path: "\(path(family))/model.gguf").transformer.editing { block in
      // No file has Gemma 2's scale.
      if family == "gemma2" { block.editAttention { $0.attention.scaleSize = 12 } }
      // Nor the number in the norms of latent rows, or the groups of DeepSeek V2 by their greatest score.
      if family.hasPrefix("deepseek") { block.editAttention { $0.editLatentNorms { $0.epsilon = 1e-6 } } }
      if family == "deepseekv2" { block.editExperts { $0.router.groups?.score = .greatest } }
    }
    let distance = try distance(model, from: family, tokens: tokens)
    #expect(distance < Self.float64, "\(distance)")
  }

  /// In a file Llama 3.1's divisors and Phi 3's magnitude are rounded to Float32, and the ends of gpt-oss's ramp to whole pairs.
  @Test(arguments: ["llama3", "phi3", "gptoss", "gptossmx"])
  func theFileOfScaledFrequenciesIsNear(family: String) throws {
    let model = try LoadedModel.open(path: "\(path(family))/model.gguf").transformer
    let folder = try LoadedModel.open(path: path(family)).transformer
    #expect(model.contextLength == folder.contextLength)
    let (rotary, own) = (try #require(folder.plan.rotaryLayers.first), try #require(model.plan.rotaryLayers.first))
    let same = model.editing { block in
      block.editAttention { mixer in
        mixer.rotary?.scaling = rotary.scaling
        mixer.rotary?.magnitude = rotary.magnitude
      }
    }
    let (distance, distanceOfSame) = (try distance(model, from: family), try distance(same, from: family))
    #expect(own.scaling != rotary.scaling || own.magnitude != rotary.magnitude)
    #expect(distance > Self.float64 && distanceOfSame < Self.float64, "\(distance), \(distanceOfSame)")
  }

  /// One module name of each kind of block, and what its output is.
  @Test(arguments: [
    ("gemma2", "model.layers.1.post_attention_layernorm", "blocks.1.attention-output-norm"),
    ("gemma2", "model.layers.1.post_attention_layernorm.input", "blocks.1.attention-output"),
    ("gemma2", "model.layers.0.pre_feedforward_layernorm", "blocks.0.feed-forward-norm"),
    ("gemma2", "hidden_states.0", "scaled-embedding"), ("gemma2", "lm_head", nil), ("gemma2", "logits", "logits"),
    ("gemma2", "model.embed_tokens", nil), ("granite", "lm_head", "unscaled-logits"),
    ("olmo2", "model.layers.0.post_attention_layernorm", "blocks.0.attention-output-norm"),
    ("glm4", "model.layers.0.post_attention_layernorm", "blocks.0.feed-forward-norm"),
    ("glm4", "model.layers.0.post_mlp_layernorm", "blocks.0.feed-forward-output-norm"),
    ("gptneox", "gpt_neox.layers.1.post_attention_layernorm.input", "blocks.0.feed-forward-residual"),
    ("falcon", "transformer.word_embeddings", "embedding"), ("falcon", "lm_head", "logits"),
    ("falcon", "transformer.h.1.self_attention.dense.input", "blocks.1.attention-values"),
    ("falcon40", "transformer.h.0.ln_mlp", "blocks.0.feed-forward-norm"),
    ("bloom", "transformer.word_embeddings_layernorm", "embedding-norm"),
    ("bloom", "transformer.h.1.self_attention.dense.input", "blocks.1.attention-values"),
    ("bloom", "transformer.h.1", "blocks.1.feed-forward-residual"),
    ("bloom", "transformer.h.1.mlp.dense_4h_to_h.input", "blocks.1.activated-up"),
    ("mpt", "transformer.blocks.0.norm_2", "blocks.0.feed-forward-norm"),
    ("mpt", "transformer.blocks.1.ffn.up_proj", "blocks.1.up"),
    ("mpt", "transformer.blocks.1", "blocks.1.feed-forward-residual"),
    ("gpt2", "transformer.h.1.mlp.c_proj.input", "blocks.1.activated-up"), ("gpt2", "lm_head", "logits"),
    ("gpt2", "transformer.wpe", nil), ("gpt2", "transformer.drop", "positioned-embedding"),
    ("gpt2", "transformer.h.0", "blocks.0.feed-forward-residual"),
    ("gptneox", "gpt_neox.layers.1", "blocks.1.feed-forward-residual"),
    ("llama3", "model.layers.1.post_attention_layernorm", "blocks.1.feed-forward-norm"),
    ("bert", "hidden_states.0", "embedding-norm"), ("bert", "hidden_states.3", "blocks.2.feed-forward-residual-norm"),
    ("bert", "encoder.layer.1.attention.output.LayerNorm", "blocks.1.attention-residual-norm"),
    ("bert", "encoder.layer.1.output.dense.input", "blocks.1.activated-up"), ("bert", "logits", nil),
    ("bert", "encoder.layer.0", "blocks.0.feed-forward-residual-norm"), ("bert", "embeddings", "embedding-norm"),
    ("distilbert", "transformer.layer.0.attention.q_lin", "blocks.0.query"),
    ("distilbert", "transformer.layer.1", "blocks.1.feed-forward-residual-norm"),
  ])
  func modulesAreNamedAsTheirWeights(family: String, module: String, activation: String?) throws {
    let table = try #require(NameTable.all.first { $0.word == "hf" }).table
    let folder = try LoadedModel.open(path: path(family)).transformer
    #expect(table.activation(module, in: folder)?.description == activation)
    // In a file the name is unknown or means the same.
    let file = try LoadedModel.open(path: "\(path(family))/model.gguf").transformer
    let other = table.activation(module, in: file)?.description
    #expect(other == nil || other == activation)
  }

  /// The rules of the table tell the modules of a file, whose weights have other names.
  @Test(arguments: [
    ("qwen3", "model.layers.1.self_attn.q_proj", "blocks.1.query"),
    ("qwen3", "model.layers.2.self_attn.k_norm", "blocks.2.key-norm"),
    ("llama3", "model.layers.1.post_attention_layernorm", "blocks.1.feed-forward-norm"),
    ("gemma2", "model.layers.0.pre_feedforward_layernorm", "blocks.0.feed-forward-norm"),
  ])
  func rulesNameModulesOfFiles(family: String, module: String, activation: String) throws {
    let table = try #require(NameTable.all.first { $0.word == "hf" }).table
    let file = try LoadedModel.open(path: "\(path(family))/model.gguf").transformer
    #expect(table.activation(module, in: file)?.description == activation)
  }

  /// The names that llama.cpp gives the activations of encoders, by its sources.
  @Test(arguments: [
    ("bert", "inp_embd", "positioned-embedding"), ("bert", "inp_norm-0", "embedding-norm"),
    ("bert", "Qcur-1", "blocks.1.query"), ("bert", "kqv_out-2", "blocks.2.attention-output"),
    ("bert", "ffn_inp-0", "blocks.0.attention-residual-norm"), ("bert", "ffn_out-0", "blocks.0.down"),
    ("nomic", "inp_embd", "typed-embedding"), ("nomic", "Qcur-1", "blocks.1.rotated-query"),
    ("modernbert", "inp_embd", "embedding"), ("modernbert", "ffn_inp-1", "blocks.1.attention-residual"),
    ("modernbert", "final_norm_out", "final-norm"), ("gpt2", "inp_embd", "embedding"),
    ("qwen2", "kqv_out-0", "blocks.0.attention-values"), ("qwen2", "ffn_inp-0", "blocks.0.attention-residual"),
    // Products are named before their bias, and with it; turned ones before, too.
    ("bert", "ffn_up-1", nil), ("bert", "ffn_up_b-1", "blocks.1.up"), ("bert", "Qcur-1 (before rope)", nil),
    ("qwen2", "ffn_up-1", "blocks.1.up"), ("qwen2", "Qcur-1 (before rope)", "blocks.1.query"),
    ("gpt2", "ffn_up-0", nil), ("gpt2", "ffn_up_b-0", "blocks.0.up"), ("gpt2", "Kcur-0", "blocks.0.key"),
    ("bloom", "Qcur-1", "blocks.1.query"), ("mpt", "Qcur-1", "blocks.1.clamped-query"),
    ("olmoclip", "Vcur-0", "blocks.0.clamped-value"),
  ])
  func callbacksOfEncodersHaveNames(family: String, callback: String, activation: String?) throws {
    let table = try #require(NameTable.all.first { $0.word == "llama.cpp" }).table
    let file = try LoadedModel.open(path: "\(path(family))/model.gguf").transformer
    #expect(table.activation(callback, in: file)?.description == activation)
  }

  /// The engine on it is within its bounds everywhere.
  @Test(arguments: fixtures)
  func theEngineIsWithin(family: String, architecture: String) throws {
    let transformer = try LoadedModel.open(path: path(family)).transformer
    let trace = try EngineTrace.record(transformer, Self.tokens)
    let verdicts = try LocalVerdicts(transformer, trace, of: trace.order)
    for name in trace.order { #expect(verdicts.drifts[name]?.verdict == .within, "\(name)") }
  }

  /// Near and far out, where the angles' own errors count most.
  @Test(
    arguments: [
      .none, .divisors([1, 1.5, 40, 0.75]), .smooth(factor: 8, low: 1, high: 4, context: 8192),
      .smooth(factor: 0.5, low: 1, high: 1.0001, context: 1_048_576), .ramp(factor: 40, first: 0, last: 3),
      .ramp(factor: 4, first: 1, last: 1), .turns(factor: 32, fast: 32, slow: 1, context: 4096),
      .turns(factor: 0.5, fast: 1.0001, slow: 1, context: 131_072),
    ] as [FrequencyScaling],
    [.number(1), .number(0.3), .logarithms(factor: 40), .root(factor: 32, context: 4096)] as [RotaryMagnitude])
  func scaledTurnsAreWithin(scaling: FrequencyScaling, magnitude: RotaryMagnitude) throws {
    let layer = RotaryEmbeddingLayer(
      rotatedSize: 8, theta: 500_000, pairing: .halfSplit, scaling: scaling, magnitude: magnitude)
    let x = Activation<Float>(shape: [4, 2, 8], elements: (0..<64).map { Float($0 * 37 % 64 - 31) / 16 })
    for first in [0, 4093, 8_345_677] {
      let result = Engine.rotaryEmbedding(x, layer, firstPosition: first)
      let drift = LocalMeasurement.decide(result) { precision throws(EnclosureError) in
        try Checks.rotaryEmbedding(x, layer, firstPosition: first, precision: precision)
      }
      #expect(drift.verdict == .within && drift.outsideDomain == 0, "\(first): \(drift)")
    }
  }
}

extension AttentionMixer {
  /// Edits the norms of the latent rows.
  fileprivate mutating func editLatentNorms(_ edit: (inout RMSNormLayer) -> Void) {
    func edited(_ norm: Norm?) -> Norm? {
      guard case .rms(var layer)? = norm else { return norm }
      edit(&layer)
      return .rms(layer)
    }
    if let norm = edited(queryLatent?.norm) { queryLatent?.norm = norm }
    if let norm = edited(keyValueLatent?.norm) { keyValueLatent?.norm = norm }
  }
}
