extension PreTokenizer {
  /// The cuts that `tokenizer.ggml.pre` names, and what goes with them.
  package struct Named: Sendable {
    /// The expressions, each of which isolates its matches within the pieces that the last one left.
    let patterns: [String]
    /// Whether a piece that is a token is that token, whatever the merges say.
    package let takesWholePieces: Bool
    /// Whether a text begins with a token for that, unless the file says otherwise.
    package let addsBeginning: Bool
    /// Whether spaces are written as U+2581, and characters as they are, so that the vocabulary is none of bytes.
    package let hasMarks: Bool

    init(_ patterns: [String], takesWholePieces: Bool = false, addsBeginning: Bool = false, hasMarks: Bool = false) {
      self.patterns = patterns
      self.takesWholePieces = takesWholePieces
      self.addsBeginning = addsBeginning
      self.hasMarks = hasMarks
    }

    /// The pre-tokenizer.
    package var preTokenizer: PreTokenizer {
      let cuts = patterns.map { Step.split(PreTokenizer.known($0), .isolated, inverted: false) }
      return PreTokenizer(steps: hasMarks ? cuts : cuts + [.bytes(addsSpace: false, usesPattern: false)])
    }
  }

  /// The names that can be given to `named(_:)`.
  package static var names: [String] { byName.keys.sorted() }

  /// The pre-tokenizer that `tokenizer.ggml.pre` calls `name`, or `nil`.
  package static func named(_ name: String) -> Named? { byName[name] }

  private static let byName: [String: Named] = {
    var table: [String: Named] = [:]
    for (names, named) in groups {
      for name in names.split(separator: " ") { table[String(name)] = named }
    }
    return table
  }()

  /// Names with the same cuts.
  ///
  /// Source: `llama-vocab.cpp` of llama.cpp. Its engine of expressions does not tell capitals from small letters beyond ASCII
  /// (`tekken`, `gpt-4o`, `youtu`, `kimi-k2`); here stand the expressions of the models, which it names beside its own.
  private static let groups: [(names: String, Named)] = [
    ("default", Named([#"[\p{P}\$\+<=>\^~\|]+"#, gpt2.pattern, #"\p{N}+"#, threeDigits])),
    (
      "llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano",
      Named([llama3(#"\p{N}{1,3}"#)], takesWholePieces: true, addsBeginning: true)
    ),
    ("dbrx smaug-bpe chatglm-bpe", Named([llama3(#"\p{N}{1,3}"#)])),
    ("glm4 glm5", Named([llama3(#"\p{N}{1,3}"#)], takesWholePieces: true)),
    ("minicpm5", Named([#"\p{N}{1,3}"#, llama3(#"\p{N}+"#)], takesWholePieces: true)),
    (
      "qwen2 deepseek-r1-qwen kormo f2llmv2 stablelm2 megrez hunyuan solar-open grok-2",
      Named([llama3(number)])
    ),
    ("laguna", Named([lines, llama3(number)])),
    ("ufakzeka", Named([words(number)])),
    ("qwen35", Named([qwen35])),
    (
      "gpt-2 gpt2 phi-2 jina-es jina-de gigachat jina-v2-es jina-v2-de a.x-4.0 mellum modern-bert",
      Named([gpt2.pattern])
    ),
    ("jina-v1-en jina-v2-code roberta-bpe mpt olmo jais trillion granite-docling exaone4", Named([gpt2.pattern])),
    (
      "starcoder refact command-r smollm codeshell exaone minerva-7b mellum2",
      Named([number, gpt2.pattern])
    ),
    ("falcon", Named([#"[\p{P}\$\+<=>\^~\|`]+"#, gpt2.pattern, threeDigits])),
    (
      "deepseek-llm",
      Named([lineEnd, deepSeekLetters, deepSeekPunctuation, #"\s+$"#, han, #"\p{N}+"#])
    ),
    ("deepseek-coder", Named([lineEnd, #"\s?\p{L}+"#, #"\s?\p{P}+"#, han, number])),
    (
      "deepseek-v3 hunyuan-dense joyai-llm hy_v4",
      Named([#"\p{N}{1,3}"#, kana, deepSeek(#"[\r\n]*|\s*[\r\n]+"#)])
    ),
    ("spark2_5", Named([#"\p{N}{1,3}"#, kana, deepSeek(#"|[\r\n]"#), number])),
    ("tekken", Named([cased("", number)], takesWholePieces: true, addsBeginning: true)),
    ("gpt-4o llama4 kanana2 talkie minimax-m2", Named([gpt4o])),
    ("granite-embed-multi-97m", Named([gpt4o], takesWholePieces: true)),
    ("tiny_aya cohere2moe", Named([#"\d{1,3}(?=(?:\d{3})*\b)"#, gpt4o])),
    ("youtu", Named([youtu, cased(contractions + "?", number)], takesWholePieces: true)),
    ("kimi-k2", Named([kimi])),
    ("bloom poro-chat gpt3-finnish", Named([bloom])),
    ("viking", Named([bloom, number])),
    ("superbpe", Named([#"\p{N}+"#, #"(?=(\d{3})+(?!\d))"#])),
    ("bailingmoe bailingmoe2 llada-moe", Named([bailing])),
    ("seed-coder", Named([seedCoder])),
    ("exaone-moe", Named([exaone])),
    ("jais-2", Named([jais])),
    ("chameleon", Named(chameleon, addsBeginning: true)),
    ("gemma4 granite-embed-multi-311m", Named([lines], addsBeginning: true, hasMarks: true)),
    ("sarvam-moe", Named([lines], hasMarks: true)),
  ]
}
