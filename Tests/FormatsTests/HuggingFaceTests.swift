import Foundation
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import Testing

/// A model as a Hugging Face folder against the same one as a GGUF file, and against an independent program.
@Suite struct HuggingFaceTests {
  /// The first logits after the tokens 3, 200, 17, 258, 3, by mpmath with 60 digits from the formulas; in Float32
  /// `LlamaForCausalLM` of transformers 5.23 with the same weights is within 7·10⁻⁷ of all of them.
  private static let logits = [
    "0.621231492481708530879709321016217690906825480", "-0.0305183697017774922365643169219172759933133355",
    "0.0900824728627785645618693582507986746014250253", "0.630485230249459761980263234636634774597060716",
    "-0.0124477979262596500337704882326236568151097476", "-0.511220735142799558546780764468093811351812320",
    "-0.934257874424168603588391362070344702150713940", "-0.318076951401311952016370254122078209431501990",
    "-0.824917437499125160025520006279354620457164050", "0.619532080238599915423362694509054740496698005",
    "-0.0330741456216297129111293225394896252907361934", "0.0881689450778001829814987483714822906871031444",
  ]

  private func folder(_ tiny: TinyFolder = TinyFolder(), parts: Int = 1) throws -> URL {
    let url = FileManager.default.temporaryDirectory.appending(path: "plumb-hf-\(UUID().uuidString)")
    try tiny.write(to: url, parts: parts)
    return url
  }

  private func open(_ url: URL) throws -> LoadedModel {
    defer { try? FileManager.default.removeItem(at: url) }
    return try LoadedModel.open(path: url.path(percentEncoded: false))
  }

  private func logits(_ transformer: Transformer) throws -> [Ball] {
    var logits: [Ball] = []
    try Reference.Pass(transformer, precision: 256).run([3, 200, 17, 258, 3]) { name, activation in
      if name.role == .logits { logits = activation.elements }
    }
    return logits
  }

  @Test func theFolderAndTheFileGiveEqualBalls() throws {
    let model = try open(folder())
    let file = try LoadedModel(TinyFolder().gguf().read())
    #expect(model.transformer.rotary.pairing == .halfSplit && file.transformer.rotary.pairing == .adjacent)
    let logits = try logits(model.transformer)
    #expect(try self.logits(file.transformer) == logits)
    for (ball, text) in zip(logits, Self.logits) {
      let value = try #require(Rational(text))
      #expect((ball.midpoint - value).magnitude <= ball.radius + value.magnitude * "1e-44")
      #expect(ball.radius <= "1e-40")
    }
  }

  @Test func partsAreOneModel() throws {
    let whole = try open(folder())
    for parts in [2, 3] {
      let model = try open(folder(parts: parts))
      #expect(model.fingerprint == whole.fingerprint)
      #expect(model.transformer.tensors.map(\.name) == whole.transformer.tensors.map(\.name))
    }
  }

  @Test func theTokenizerIsTheFilesOwn() throws {
    let (model, file) = (try open(folder()), try LoadedModel(TinyFolder().gguf().read()))
    for text in ["hello hello 123", "<|begin|>hell<|end|>", "naïve\n\n  日本"] {
      #expect(try model.tokenizer.encode(text) == file.tokenizer.encode(text))
      #expect(try model.tokenizer.text(of: model.tokenizer.encode(text)) == text)
    }
    #expect(model.tokenizer.endOfText == [261])
    #expect(model.tokenizer.isSpecial(262))
  }

  @Test func anotherTokenizerStillLeavesTokenNumbers() throws {
    var tiny = TinyFolder()
    tiny.tokenizerModel = "WordLevel"
    let model = try open(folder(tiny))
    #expect(model.transformer.blocks.count == 2)
    let error = #expect(throws: TokenizerError.self) { try model.tokenizer.encode("a") }
    #expect("\(String(describing: error))".contains("WordLevel"))
    tiny = TinyFolder()
    tiny.preTokenizer = #"{"type":"Metaspace"}"#
    let other = try open(folder(tiny))
    #expect(throws: TokenizerError.self) { try other.tokenizer.encode("a") }
  }

  @Test func newerFilesNestTheRotaryBase() throws {
    var tiny = TinyFolder()
    tiny.config["rope_theta"] = nil
    tiny.config["rope_parameters"] = #"{"rope_theta": 500000.0, "rope_type": "default"}"#
    #expect(try open(folder(tiny)).transformer.rotary.theta == 500_000)
    // transformers 5 turns the older key into the newer one, its members with it.
    tiny.config["rope_parameters"] = nil
    tiny.config["rope_scaling"] = #"{"rope_type": "default", "rope_theta": 500000.0}"#
    #expect(try open(folder(tiny)).transformer.rotary.theta == 500_000)
    tiny.config["rope_theta"] = "500000.0"
    #expect(try open(folder(tiny)).transformer.rotary.theta == 500_000)
  }

  /// Linear scaling as a folder and as a file say it.
  @Test func linearScalingDividesPositions() throws {
    var tiny = TinyFolder()
    tiny.config["rope_scaling"] = #"{"type": "linear", "factor": 4.0}"#
    var writer = tiny.gguf()
    writer.set("llama.rope.scaling.type", .string("linear"))
    writer.set("llama.rope.scaling.factor", .float32(4))
    let model = try open(folder(tiny))
    #expect(model.transformer.rotary.scalingFactor == 4)
    let scaled = try logits(model.transformer)
    #expect(try scaled == logits(LoadedModel(writer.read()).transformer))
    #expect(try scaled != logits(open(folder()).transformer))
  }

  /// In each of them every frequency is what it is without scaling, for as many tokens as the model was made for.
  @Test(arguments: [
    #"{"rope_type": "linear", "factor": 1.0}"#, #"{"rope_type": "default", "factor": 1}"#,
    #"{"rope_type": "dynamic", "factor": 4.0}"#,
    #"{"rope_type": "llama3", "factor": 1, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 8}"#,
    #"{"rope_type": "yarn", "factor": 1, "original_max_position_embeddings": 8, "beta_fast": 32}"#,
    #"{"rope_type": "longrope", "factor": 1, "short_factor": [1, 1], "long_factor": [1, 2]}"#,
  ])
  func scalingByOneChangesNothing(_ scaling: String) throws {
    for key in ["rope_scaling", "rope_parameters"] {
      var tiny = TinyFolder()
      tiny.config[key] = scaling
      let rotary = try open(folder(tiny)).transformer.rotary
      #expect(rotary.scalingFactor == 1 && rotary.theta == 10_000)
      #expect(rotary.scaling == .none && rotary.magnitude.isOne)
    }
  }

  /// A folder and a file that state the same numbers give equal balls.
  @Test func scalingsAreAlikeInBothContainers() throws {
    var tiny = TinyFolder()
    tiny.config["rope_scaling"] = """
      {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "beta_fast": 2, "beta_slow": 1}
      """
    var file = tiny.gguf()
    file.set("llama.rope.scaling.type", .string("yarn"))
    file.set("llama.rope.scaling.factor", .float32(4))
    file.set("llama.rope.scaling.original_context_length", .uint32(16))
    file.set("llama.rope.scaling.yarn_beta_fast", .float32(2))
    let ramp = try open(folder(tiny)).transformer
    #expect(ramp.rotary.scaling == .ramp(factor: 4, first: 0, last: 1))
    #expect(ramp.rotary.magnitude == .logarithms(factor: 4))
    #expect(try logits(ramp) == logits(LoadedModel(file.read()).transformer))
    tiny.config["rope_scaling"] = """
      {"rope_type": "longrope", "factor": 4.0, "original_max_position_embeddings": 16, "attention_factor": 1.5,
       "short_factor": [1.25, 3], "long_factor": [1, 8]}
      """
    file = tiny.gguf()
    file.set("llama.rope.scaling.type", .string("longrope"))
    file.set("llama.rope.scaling.attn_factor", .float32(1.5))
    file.set("llama.rope.scaling.original_context_length", .uint32(16))
    file.add("rope_factors_short.weight", [2], [1.25, 3])
    file.add("rope_factors_long.weight", [2], [1, 8])
    let divided = try open(folder(tiny)).transformer
    #expect(divided.rotary.scaling == .divisors([1.25, 3]) && divided.contextLength == 16)
    let other = try LoadedModel(file.read()).transformer
    #expect(try logits(divided) == logits(other))
    #expect(other.contextLength == 16)
    // `rope_freqs` divides as well.
    file = TinyFolder().gguf()
    file.add("rope_freqs.weight", [2], [1.25, 3])
    file.set("llama.rope.scaling.attn_factor", .float32(1.5))
    #expect(try logits(LoadedModel(file.read()).transformer) == logits(divided))
  }

  @Test func twoSetsOfWeightsAreOneOrRefused() throws {
    let same = try folder(parts: 2)
    try TinyFolder().write(to: same)
    #expect(try open(same).fingerprint == open(folder()).fingerprint)
    var tiny = TinyFolder()
    tiny.change("model.norm.weight") { $0.values[3] += 1 }
    let other = try folder(parts: 2)
    try tiny.write(to: other)
    expectRefusal(other, says: "'model.norm.weight' is not the same in both")
    tiny = TinyFolder()
    tiny.tensors.append(.init(name: "model.extra", gguf: "", shape: [1], values: [0]))
    let more = try folder(parts: 2)
    try tiny.write(to: more)
    expectRefusal(more, says: "'model.extra' is not the same in both")
  }

  @Test(arguments: [
    ("model_type", "\"gpt3\"", "model_type"), ("model_type", "null", "model_type"),
    ("hidden_size", "0", "hidden_size"), ("hidden_size", "\"16\"", "hidden_size"),
    ("hidden_size", "1e300", "hidden_size"),
    ("hidden_size", "24", "model.embed_tokens.weight"), ("num_hidden_layers", "3", "num_hidden_layers"),
    ("num_hidden_layers", "1", "model.layers.1"), ("intermediate_size", "25", "mlp.up_proj"),
    ("num_attention_heads", "3", "num_attention_heads"), ("num_key_value_heads", "3", "key-value heads"),
    ("vocab_size", "7", "model.embed_tokens.weight"), ("rms_norm_eps", "-1", "rms_norm_eps"),
    ("rms_norm_eps", "\"small\"", "rms_norm_eps"), ("rope_theta", "0", "rope_theta"),
    ("rope_scaling", #"{"rope_type": "llama3", "factor": 8.0}"#, "'rope_scaling.low_freq_factor' is null"),
    ("rope_scaling", #"{"rope_type": "proportional", "factor": 8.0}"#, "'proportional'"),
    ("rope_scaling", #"{"rope_type": "yarn", "factor": 8.0, "truncate": 3}"#, "truncate"),
    ("rope_scaling", #"{"rope_type": "yarn", "factor": 8.0, "beta_fast": 0.001}"#, "no ramp"),
    ("rope_scaling", #"{"rope_type": "default", "rope_theta": 500000.0}"#, "'rope_scaling.rope_theta' is 500000"),
    ("rope_scaling", #"{"rope_type": "default", "rope_thta": 500000.0}"#, "rope_thta"),
    ("rope_scaling", #"{"rope_type": "default", "factor": 2.0}"#, "'rope_scaling.factor' is 2"),
    ("rope_scaling", #"{"rope_type": "linear"}"#, "'rope_scaling.factor' is null"),
    ("rope_scaling", #"{"rope_type": "linear", "factor": -1}"#, "'rope_scaling.factor' is -1"),
    ("rope_scaling", #"{"rope_type": "linear", "factor": 2, "mscale": 1}"#, "'rope_scaling.mscale'"),
    ("rope_scaling", #"{"rope_type": "linear", "type": "yarn", "factor": 2}"#, "'rope_scaling.type' is 'yarn'"),
    ("rope_scaling", #"{"rope_type": "yarn", "factor": 1, "attention_factor": -2}"#, "attention_factor"),
    ("rope_scaling", #"{"rope_type": "longrope", "factor": 1}"#, "short_factor"), ("rope_scaling", "4", "rope_scaling"),
    ("rope_parameters", #"{"partial_rotary_factor": 0.5}"#, "partial_rotary_factor"),
    ("text_config", #"{"hidden_size": 8}"#, "text_config"),
    ("compression_config", #"{"bits": 4}"#, "compression_config"),
    ("is_causal", "false", "is_causal"), ("hidden_act", "\"gelu_10\"", "hidden_act"),
    ("quantization_config", "{}", "quantization_config"), ("partial_rotary_factor", "0.5", "partial_rotary_factor"),
    ("tie_word_embeddings", "true", "tie_word_embeddings"), ("tie_word_embeddings", "1", "tie_word_embeddings"),
    ("attention_bias", "true", "attention_bias"), ("mlp_bias", "true", "mlp_bias"), ("hidden_size", "[", "JSON"),
  ])
  func whatIsWrongIsNamed(_ key: String, _ value: String, _ word: String) throws {
    var tiny = TinyFolder()
    tiny.config[key] = value
    try expectRefusal(folder(tiny), says: word)
  }

  @Test func bothKeysOfTheRotaryEmbeddingMustAgree() throws {
    var tiny = TinyFolder()
    tiny.config["rope_scaling"] = #"{"rope_type": "linear", "factor": 2}"#
    tiny.config["rope_parameters"] = #"{"rope_type": "linear", "factor": 4}"#
    try expectRefusal(folder(tiny), says: "'rope_scaling' and 'rope_parameters' differ")
    tiny.config["rope_parameters"] = tiny.config["rope_scaling"]
    #expect(try open(folder(tiny)).transformer.rotary.scalingFactor == 2)
  }

  @Test func missingAndDamagedFilesAreNamed() throws {
    for name in ["config.json", "model.safetensors"] {
      let url = try folder()
      try FileManager.default.removeItem(at: url.appending(path: name))
      expectRefusal(url, says: name)
    }
    let cut = try folder()
    let file = cut.appending(path: "model.safetensors")
    try Data(try Data(contentsOf: file).dropLast(100)).write(to: file)
    expectRefusal(cut, says: "model.safetensors")
    let part = try folder(parts: 2)
    try FileManager.default.removeItem(at: part.appending(path: "model-1.safetensors"))
    expectRefusal(part, says: "model-1.safetensors")
    let outside = try folder(parts: 2)
    try Data(#"{"weight_map": {"a": "../config.json"}}"#.utf8)
      .write(to: outside.appending(path: "model.safetensors.index.json"))
    expectRefusal(outside, says: "no file of the folder")
    let empty = try folder(parts: 2)
    try Data("{}".utf8).write(to: empty.appending(path: "model.safetensors.index.json"))
    expectRefusal(empty, says: "weight_map")
  }

  @Test func tensorsThatDoNotFitAreNamed() throws {
    var tiny = TinyFolder()
    tiny.change("model.norm.weight") { $0.values[3] = .nan }
    try expectRefusal(folder(tiny), says: "model.norm.weight")
    tiny = TinyFolder()
    tiny.tensors.append(.init(name: "model.layers.0.extra.weight", gguf: "", shape: [1], values: [0]))
    try expectRefusal(folder(tiny), says: "model.layers.0.extra.weight")
    tiny = TinyFolder()
    tiny.tensors.append(
      .init(name: "model.layers.0.self_attn.q_proj.bias", gguf: "", shape: [16], values: .init(repeating: 0, count: 16))
    )
    try expectRefusal(folder(tiny), says: "attention_bias")
    tiny = TinyFolder()
    tiny.tensors.removeAll { $0.name == "model.layers.1.mlp.up_proj.weight" }
    try expectRefusal(folder(tiny), says: "model.layers.1.mlp.up_proj.weight")
  }

  /// Two spellings of the same character are two names to the format, and one to a reader of text.
  @Test func namesThatReadTheSameAreRefused() throws {
    var tiny = TinyFolder()
    for name in ["caf\u{e9}", "cafe\u{301}"] {
      tiny.tensors.append(.init(name: name, gguf: "", shape: [1], values: [0]))
    }
    try expectRefusal(folder(tiny), says: "stands twice")
  }

  @Test func recomputedFrequenciesAreNoWeights() throws {
    var tiny = TinyFolder()
    tiny.tensors.append(
      .init(name: "model.layers.0.self_attn.rotary_emb.inv_freq", gguf: "", shape: [2], values: [1, 0.01]))
    #expect(try open(folder(tiny)).transformer.blocks.count == 2)
  }

  private func expectRefusal(_ url: URL, says word: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let error = #expect(throws: ModelError.self, sourceLocation: sourceLocation) { try open(url) }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains(word) && !text.contains { $0.isNewline }, "\(text)", sourceLocation: sourceLocation)
  }
}
