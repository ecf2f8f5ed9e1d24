public import PlumbModel

/// Which activation a tensor of somebody's dump is, by its name.
public struct NameTable: Sendable {
  /// One line: names of tensors, with `{block}` for a block's index, and what they are.
  struct Rule: Sendable {
    let pattern: String
    let role: ActivationName.Role
    /// Added to the index in the name.
    var blockOffset = 0
    /// The block, where the pattern does not hold it.
    var block: Int?
    /// The activation that the name is with the last block's index, where that is another one.
    var ofLastBlock: ActivationName?
  }

  /// What people call the table.
  public let label: String
  let rules: [Rule]
  /// What may stand before and behind a name without changing what it says.
  let prefixes: [String]
  let suffixes: [String]

  init(label: String, rules: [Rule], prefixes: [String] = [], suffixes: [String] = []) {
    self.label = label
    self.rules = rules
    self.prefixes = prefixes
    self.suffixes = suffixes
  }

  /// The activation called `name`, or `nil` where no rule fits.
  public func activation(_ name: String) -> ActivationName? { activation(name, blocks: nil) }

  /// The activation called `name` in a pass of `transformer`, or `nil` where there is none.
  func activation(_ name: String, in transformer: Transformer) -> ActivationName? {
    activation(name, blocks: transformer.blocks.count).flatMap { $0.exists(in: transformer) ? $0 : nil }
  }

  private func activation(_ name: String, blocks: Int?) -> ActivationName? {
    for name in spellings(of: name) {
      for rule in rules {
        if let index = Self.match(name, rule.pattern) {
          let inside = index.map { $0 + rule.blockOffset } ?? rule.block
          if let other = rule.ofLastBlock, let blocks, inside == blocks - 1 { return other }
          // Before block 0 stands the embedding.
          return inside == -1 ? ActivationName(.embedding) : ActivationName(block: inside, rule.role)
        }
      }
    }
    return nil
  }

  /// The patterns most like `name`, the nearest first.
  func nearest(to name: String, count: Int = 3) -> [String] {
    let digits = String(name.map { $0.isNumber ? "0" : $0 })
    let ranked = rules.map { rule in
      (rule.pattern, Self.distance(digits, rule.pattern.replacing("{block}", with: "0")))
    }
    return ranked.sorted { $0.1 < $1.1 }.prefix(count).map(\.0)
  }

  /// How a tensor is called that is `role`, with `{block}` for its block's index; `nil` where nobody's name is that.
  func pattern(of role: ActivationName.Role) -> String? {
    // Numbers that count from the embedding, and one block's own names, would mislead.
    rules.last { $0.role == role && $0.blockOffset == 0 && $0.block == nil }?.pattern
  }

  /// The names that `name` may be meant as.
  func spellings(of name: String) -> [String] {
    var names = [name]
    for prefix in prefixes where name.hasPrefix(prefix) { names.append(String(name.dropFirst(prefix.count))) }
    for suffix in suffixes {
      names += names.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
    }
    return names
  }

  /// Whether `name` is written as `pattern`: `nil` where not, otherwise the block's index, where the pattern has one.
  private static func match(_ name: String, _ pattern: String) -> Int?? {
    guard let mark = pattern.range(of: "{block}") else { return name == pattern ? .some(nil) : nil }
    let (before, after) = (pattern[..<mark.lowerBound], pattern[mark.upperBound...])
    guard name.hasPrefix(before), name.hasSuffix(after), name.count > before.count + after.count else { return nil }
    let digits = name.dropFirst(before.count).dropLast(after.count)
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let index = Int(digits), index < 1 << 20 else { return nil }
    return index
  }

  /// The number of insertions, deletions and replacements from one text to another.
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.utf8.prefix(200)), Array(b.utf8))
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var last = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let next = min(row[j + 1] + 1, row[j] + 1, last + (x == y ? 0 : 1))
        last = row[j + 1]
        row[j + 1] = next
      }
    }
    return row[b.count]
  }
}

extension NameTable {
  /// The tables that ship, by what `--names` calls them.
  public static let all: [(word: String, table: NameTable)] = [
    ("plumb", plumb), ("hf", huggingFace), ("llama.cpp", llamaCpp),
  ]

  /// Plumbline's own names.
  static let plumb = NameTable(
    label: "plumb",
    rules: ActivationName.Role.allCases.flatMap {
      [Rule(pattern: $0.rawValue, role: $0), Rule(pattern: "blocks.{block}.\($0.rawValue)", role: $0)]
    })

  /// The names of the modules of `LlamaForCausalLM`, whose outputs forward hooks see, and `….input` for what enters one.
  ///
  /// `hidden_states.0` is the embedding and `hidden_states.i` the output of block i − 1, but for the last, which
  /// transformers takes behind the final normalisation.
  static let huggingFace = NameTable(
    label: "hf",
    rules: [
      Rule(pattern: "embed_tokens", role: .embedding), Rule(pattern: "norm", role: .finalNorm),
      Rule(pattern: "last_hidden_state", role: .finalNorm),
      Rule(pattern: "lm_head", role: .logits), Rule(pattern: "logits", role: .logits),
      Rule(pattern: "probabilities", role: .probabilities),
      Rule(pattern: "layers.{block}", role: .feedForwardResidual),
      Rule(pattern: "layers.{block}.input_layernorm.input", role: .feedForwardResidual, blockOffset: -1),
      Rule(pattern: "layers.{block}.input_layernorm", role: .attentionNorm),
      Rule(pattern: "layers.{block}.self_attn.q_proj", role: .query),
      Rule(pattern: "layers.{block}.self_attn.k_proj", role: .key),
      Rule(pattern: "layers.{block}.self_attn.v_proj", role: .value),
      Rule(pattern: "layers.{block}.self_attn.rotated_query", role: .rotatedQuery),
      Rule(pattern: "layers.{block}.self_attn.rotated_key", role: .rotatedKey),
      Rule(pattern: "layers.{block}.self_attn.scores", role: .attentionScores),
      Rule(pattern: "layers.{block}.self_attn.attn_weights", role: .attentionWeights),
      Rule(pattern: "layers.{block}.self_attn.1", role: .attentionWeights),
      Rule(pattern: "attentions.{block}", role: .attentionWeights),
      Rule(pattern: "layers.{block}.self_attn.o_proj.input", role: .attentionValues),
      Rule(pattern: "layers.{block}.self_attn.o_proj", role: .attentionOutput),
      Rule(pattern: "layers.{block}.self_attn", role: .attentionOutput),
      Rule(pattern: "layers.{block}.post_attention_layernorm.input", role: .attentionResidual),
      Rule(pattern: "layers.{block}.post_attention_layernorm", role: .feedForwardNorm),
      Rule(pattern: "layers.{block}.mlp.gate_proj", role: .gate),
      Rule(pattern: "layers.{block}.mlp.up_proj", role: .up),
      Rule(pattern: "layers.{block}.mlp.act_fn", role: .activatedGate),
      Rule(pattern: "layers.{block}.mlp.down_proj.input", role: .gatedUp),
      Rule(pattern: "layers.{block}.mlp.down_proj", role: .down), Rule(pattern: "layers.{block}.mlp", role: .down),
    ]
      + [".", "_"].map {
        Rule(
          pattern: "hidden_states\($0){block}", role: .feedForwardResidual, blockOffset: -1,
          ofLastBlock: ActivationName(.finalNorm))
      },
    prefixes: ["model."], suffixes: [".0", ".output"])

  /// The names that llama.cpp's evaluation callback is given; where one is given twice, as `Qcur`, the last of them.
  static let llamaCpp = NameTable(
    label: "llama.cpp",
    rules: [
      Rule(pattern: "embd", role: .embedding), Rule(pattern: "inp_embd", role: .embedding),
      Rule(pattern: "result_norm", role: .finalNorm),
      Rule(pattern: "result_output", role: .logits), Rule(pattern: "logits", role: .logits),
      Rule(pattern: "attn_norm-{block}", role: .attentionNorm),
      Rule(pattern: "Qcur-{block}", role: .rotatedQuery), Rule(pattern: "Kcur-{block}", role: .rotatedKey),
      Rule(pattern: "Qcur-{block} (before rope)", role: .query),
      Rule(pattern: "Kcur-{block} (before rope)", role: .key),
      Rule(pattern: "Vcur-{block}", role: .value), Rule(pattern: "kq_soft_max-{block}", role: .attentionWeights),
      Rule(pattern: "kq_soft_max_ext-{block}", role: .attentionWeights),
      Rule(pattern: "kqv_merged_cont-{block}", role: .attentionValues),
      Rule(pattern: "kqv_out-{block}", role: .attentionValues),
      Rule(pattern: "attn_out-{block}", role: .attentionOutput),
      Rule(pattern: "ffn_inp-{block}", role: .attentionResidual),
      Rule(pattern: "ffn_norm-{block}", role: .feedForwardNorm), Rule(pattern: "ffn_gate-{block}", role: .gate),
      Rule(pattern: "ffn_up-{block}", role: .up), Rule(pattern: "ffn_silu-{block}", role: .activatedGate),
      Rule(pattern: "ffn_gate_par-{block}", role: .gatedUp), Rule(pattern: "ffn_swiglu-{block}", role: .gatedUp),
      Rule(pattern: "ffn_out-{block}", role: .down), Rule(pattern: "l_out-{block}", role: .feedForwardResidual),
    ])
}
