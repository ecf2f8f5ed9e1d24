/// A table that says which activation a tensor of somebody's dump is, by its name.
package struct NameTable: Sendable {
  /// One line: names of tensors, with `{block}` for a block's index, and what they are.
  package struct Rule: Sendable {
    package let pattern: String
    let role: ActivationName.Role
    /// Added to the index in the name.
    package var blockOffset = 0
    /// The block, where the pattern does not hold it.
    var block: Int?
    /// The activation that the name is with the last block's index, where that is another one.
    var ofLastBlock: ActivationName?
    /// Whether the name is what leaves the block, behind whatever norm ends it.
    var isBlockOutput = false
    /// Whether the name is another activation's where attention has a norm behind it, or both branches read one input.
    var isOfPlainBlocks = false
    /// Whether the name is another activation's where the block has experts.
    var isWithoutExperts = false
    /// Whether the name is another activation's where a pass gives the next token, or no pass is known.
    var isOfEncoders = false
    /// Whether the name is a product's before its bias, and no activation's where there is one.
    var isWithoutBias = false
    /// Whether the name is no activation's where queries are not turned.
    var isOfTurned = false

    /// Whether the rule holds for `activation` in `plan`.
    func isSure(of activation: ActivationName, in plan: Plan) -> Bool {
      if isWithoutExperts, plan[ActivationName(block: activation.block, .routerLogits)] != nil { return false }
      if isOfEncoders, plan[ActivationName(.logits)] != nil { return false }
      if isWithoutBias, plan[activation]?.operation.product?.bias != nil { return false }
      if isOfTurned, plan[ActivationName(block: activation.block, .rotatedQuery)] == nil { return false }
      guard isOfPlainBlocks else { return true }
      let norm = ActivationName(block: activation.block, .feedForwardNorm)
      return plan[ActivationName(block: activation.block, .attentionOutputNorm)] == nil
        && plan.inputs(of: norm) == [ActivationName(block: activation.block, .attentionResidual)]
    }

    /// Makes the rule.
    package init(
      pattern: String, role: ActivationName.Role, blockOffset: Int = 0, block: Int? = nil,
      ofLastBlock: ActivationName? = nil, isBlockOutput: Bool = false, isOfPlainBlocks: Bool = false,
      isWithoutExperts: Bool = false, isOfEncoders: Bool = false, isWithoutBias: Bool = false, isOfTurned: Bool = false
    ) {
      self.pattern = pattern
      self.role = role
      self.blockOffset = blockOffset
      self.block = block
      self.ofLastBlock = ofLastBlock
      self.isBlockOutput = isBlockOutput
      self.isOfPlainBlocks = isOfPlainBlocks
      self.isWithoutExperts = isWithoutExperts
      self.isOfEncoders = isOfEncoders
      self.isWithoutBias = isWithoutBias
      self.isOfTurned = isOfTurned
    }
  }

  /// The name that people call the table by.
  package let label: String
  package let rules: [Rule]
  /// The texts that may stand before and behind a name without changing what it says.
  let prefixes: [String]
  let suffixes: [String]
  /// Whether modules are named as their weights are.
  let namesModules: Bool

  /// Makes a table; the first rule that fits a name counts.
  package init(
    label: String, rules: [Rule], prefixes: [String] = [], suffixes: [String] = [], namesModules: Bool = false
  ) {
    self.label = label
    self.rules = rules
    self.prefixes = prefixes
    self.suffixes = suffixes
    self.namesModules = namesModules
  }

  /// The activation called `name`, or `nil` where no rule fits.
  package func activation(_ name: String) -> ActivationName? { activation(name, in: Plan?.none) }

  /// The activation called `name` in a pass of `transformer`, or `nil` where there is none.
  package func activation(_ name: String, in transformer: Transformer) -> ActivationName? {
    if namesModules, let found = module(name, in: transformer.plan) { return found }
    return activation(name, in: transformer.plan)
  }

  /// The activation of the module `name`, or of what enters it, by the name of its weights; `nil` where no module has that name.
  private func module(_ name: String, in plan: Plan) -> ActivationName?? {
    for name in spellings(of: name) {
      let isInput = name.hasSuffix(".input")
      let weight = (isInput ? String(name.dropLast(".input".count)) : name) + ".weight"
      guard let step = plan.steps.first(where: { $0.operation.tensors.first?.name == weight }) else { continue }
      return .some(isInput ? step.inputs.first : known(step, in: plan))
    }
    // A tied unembedding has the embedding's weights.
    guard spellings(of: name).contains("lm_head"), let step = plan.steps.first(where: { $0.layer == .unembedding })
    else {
      return nil
    }
    return .some(known(step, in: plan))
  }

  /// The activation that the module of `step` gives; `nil` where the next layer may lie within it, or part of the step outside.
  private func known(_ step: Step, in plan: Plan) -> ActivationName? {
    switch step.operation {
    case .unembedding(_, _?): return nil
    // Positions alone, which are added outside of it.
    case .learnedPosition: return nil
    // One expert's, of the tokens that are given to it.
    case .expertLinear: return nil
    case .embedding: return plan[ActivationName(.scaledEmbedding)] == nil ? step.name : nil
    default: return step.name
    }
  }

  private func activation(_ name: String, in plan: Plan?) -> ActivationName? {
    for name in spellings(of: name) {
      for rule in rules {
        guard let index = Self.match(name, rule.pattern), plan != nil || !rule.isOfEncoders else { continue }
        let inside = index.map { $0 + rule.blockOffset } ?? rule.block
        if let other = rule.ofLastBlock, let plan, inside == plan.blocks.count - 1, plan[other] != nil { return other }
        if rule.isBlockOutput, let plan, let inside, plan.blocks.indices.contains(inside) {
          return plan.streams[inside + 1]
        }
        // Before block 0 stands the embedding, as it enters.
        let activation =
          inside == -1 ? plan?.streams.first ?? ActivationName(.embedding) : ActivationName(block: inside, rule.role)
        guard let plan else { return activation }
        // The module of an embedding that is scaled may give it before or after.
        if namesModules, activation.role == .embedding, plan[ActivationName(.scaledEmbedding)] != nil { return nil }
        if plan[activation] != nil, rule.isSure(of: activation, in: plan) { return activation }
      }
    }
    return nil
  }

  /// The patterns most like `name`, the nearest first.
  package func nearest(to name: String, count: Int = 3) -> [String] {
    let digits = String(name.map { $0.isNumber ? "0" : $0 })
    let ranked = rules.map { rule in
      (rule.pattern, Self.distance(digits, rule.pattern.replacing("{block}", with: "0")))
    }
    return ranked.sorted { $0.1 < $1.1 }.prefix(count).map(\.0)
  }

  /// The name of a tensor that is `role`, with `{block}` for its block's index; `nil` where nobody's name is that.
  package func pattern(of role: ActivationName.Role) -> String? {
    // Numbers that count from the embedding, and one block's own names, would mislead.
    rules.last { $0.role == role && $0.blockOffset == 0 && $0.block == nil }?.pattern
  }

  /// The names that `name` may be meant as.
  package func spellings(of name: String) -> [String] {
    var names = [name]
    for prefix in prefixes where name.hasPrefix(prefix) { names.append(String(name.dropFirst(prefix.count))) }
    for suffix in suffixes {
      names += names.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
    }
    return names
  }

  /// Whether `name` is written as `pattern`: `nil` where not, otherwise the block's index, where the pattern has one.
  private static func match(_ name: String, _ pattern: String) -> Int?? {
    guard let mark = pattern.firstRange(of: "{block}") else { return name == pattern ? .some(nil) : nil }
    let (before, after) = (pattern[..<mark.lowerBound], pattern[mark.upperBound...])
    guard name.hasPrefix(before), name.hasSuffix(after), name.count > before.count + after.count else { return nil }
    let digits = name.dropFirst(before.count).dropLast(after.count)
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let index = Int(digits), index < 1 << 20 else { return nil }
    return index
  }

  /// The number of insertions, deletions and replacements from one text to another.
  package static func distance(_ a: String, _ b: String) -> Int {
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
  /// Plumbline's own names.
  package static let plumb = NameTable(
    label: "plumb",
    rules: ActivationName.Role.allCases.flatMap {
      [Rule(pattern: $0.rawValue, role: $0), Rule(pattern: "blocks.{block}.\($0.rawValue)", role: $0)]
    })
}
