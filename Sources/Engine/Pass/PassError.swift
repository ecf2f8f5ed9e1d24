extension Engine {
  /// The reason why a pass cannot begin or go on.
  package enum PassError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no token to add.
    case noTokens
    /// The token at `index` of those given is not in the vocabulary.
    case unknownToken(Int, index: Int, vocabularySize: Int)
    /// The tokens do not fit into the context any more.
    case contextExceeded(tokens: Int, present: Int, contextLength: Int)
    /// The transformer's tensors do not fit together.
    case shapes(String)
    /// `PLUMB_ISA` names an instruction set that cannot be used.
    case instructionSet(InstructionSetError)
    /// The model is an encoder that is asked for what only a decoder has, or to go on with a text.
    case encoder
    /// The task was cancelled; the pass holds the tokens that were complete by then.
    case cancelled

    /// One line: what is wrong, where, and what to do.
    package var description: String {
      switch self {
      case .noTokens: "there are no tokens to read: give at least one"
      case .unknownToken(let token, let index, let size):
        "token \(token) at place \(index) is not in the vocabulary: use ids from 0 to \(size - 1)"
      case .contextExceeded(let tokens, let present, let length):
        "\(tokens) more tokens after \(present) exceed the model's context of \(length): shorten by "
          + "\(tokens - (length - present))"
      case .shapes(let message): "the model's shapes contradict each other: \(message)"
      case .instructionSet(let error): error.description
      case .encoder: "the model is an encoder, which reads a text as a whole and has no next token: use a decoder"
      case .cancelled: "cancelled"
      }
    }
  }
}
