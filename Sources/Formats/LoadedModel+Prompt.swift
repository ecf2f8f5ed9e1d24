/// The reason why tokens are no prompt of a model.
package struct PromptError: Error, Sendable, CustomStringConvertible {
  /// One line for the person who must act.
  package let description: String
}

extension LoadedModel {
  /// The prompt `tokens`, each of the vocabulary, as many as the context holds.
  ///
  /// - Throws: `PromptError` where there are none, too many, or one that the vocabulary does not have.
  package func checked(_ tokens: [Int]) throws(PromptError) -> [Int] {
    let (vocabulary, context) = (transformer.vocabularySize, transformer.contextLength)
    if tokens.isEmpty { throw PromptError(description: "the prompt is empty; give at least one token of text") }
    if let bad = tokens.first(where: { $0 < 0 || $0 >= vocabulary }) {
      throw PromptError(description: "token \(bad) is not in the model's vocabulary of 0 to \(vocabulary - 1)")
    }
    if tokens.count > context {
      throw PromptError(
        description: "the prompt has \(tokens.count) tokens, the model's context holds \(context); shorten it")
    }
    return tokens
  }
}
