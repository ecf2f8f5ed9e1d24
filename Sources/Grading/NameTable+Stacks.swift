import PlumbModel

extension NameTable {
  /// The activations that a tensor called `name` stacks along its first axis, one a block, with what stands before the
  /// first where the names count that too; `nil` where `name` is no such tensor's.
  ///
  /// A stack is called as each of its parts is, without their number: `hidden_states` for `hidden_states.0` and the rest.
  func stack(_ name: String, in transformer: Transformer) -> [ActivationName]? {
    guard let (stem, rule) = stacked(name) else { return nil }
    return (0..<transformer.blocks.count - rule.blockOffset).compactMap { activation(stem + "\($0)", in: transformer) }
  }

  /// Whether `name` is one of the table's, or a stack's.
  package func knows(_ name: String) -> Bool { activation(name) != nil || stacked(name) != nil }

  /// The text before the number in the names of the parts of the stack `name`, and their rule.
  private func stacked(_ name: String) -> (stem: String, rule: Rule)? {
    for name in spellings(of: name) {
      for rule in rules where rule.pattern.hasSuffix("{block}") {
        let stem = rule.pattern.dropLast("{block}".count)
        if stem.count > 1, name == stem.dropLast() { return (String(stem), rule) }
      }
    }
    return nil
  }
}
