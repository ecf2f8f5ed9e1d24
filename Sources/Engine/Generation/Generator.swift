import PlumbModel

extension Engine {
  /// Continues a prompt token by token: each is chosen by a sampler and read by the pass before the next.
  ///
  /// Nothing is computed before a token is asked for, nor after the last one.
  package struct Generator {
    /// The reason why there are no more tokens.
    package enum End: Sendable, Hashable {
      /// The sampler chose a token that ends the text; it is not among the tokens given.
      case endOfText(Int)
      /// As many tokens were given as were allowed.
      case limit
      /// The model's context is full.
      case context
    }

    /// The pass that reads the tokens.
    package let pass: Pass
    /// The reason why there are no more tokens; `nil` while there may be more.
    package private(set) var end: End?
    /// The logits from which the last token was chosen, `[1, vocabulary]`; `nil` before the first.
    package private(set) var logits: Activation<Float>?
    private var sampler: Sampler
    private var unread: [Int]
    private var remaining: Int
    private let endsOfText: Set<Int>

    /// Continues what `pass` has read and `prompt`, until one of `endsOfText` is chosen or there are `limit` tokens.
    ///
    /// The prompt must not be empty: the pass reads it when the first token is asked for.
    package init(
      _ pass: Pass, prompt: [Int], sampler: Sampler = Sampler(), endsOfText: Set<Int> = [], limit: Int = .max
    ) {
      self.pass = pass
      self.sampler = sampler
      self.endsOfText = endsOfText
      unread = prompt
      remaining = limit
    }

    /// The next token, or `nil` when there are no more (see `end`).
    ///
    /// Throws what `Pass.append` throws: about the prompt, or `cancelled`, which is found before each token.
    package mutating func next() throws(PassError) -> Int? {
      if end != nil { return nil }
      if remaining <= 0 { return finish(.limit) }
      if Task.isCancelled { throw .cancelled }
      guard pass.transformer.isDecoder else { throw .encoder }
      if pass.tokens.count >= pass.transformer.contextLength { return finish(.context) }
      let logits = try pass.append(unread)
      self.logits = logits
      let token = sampler.sample(logits)
      if endsOfText.contains(token) { return finish(.endOfText(token)) }
      remaining -= 1
      unread = [token]
      return token
    }

    private mutating func finish(_ end: End) -> Int? {
      self.end = end
      return nil
    }
  }

  /// The continuation of `prompt`, as a sequence that computes each token when it is asked for.
  ///
  /// Iteration throws `PassError`: about the transformer or the prompt, or `cancelled` once the task is.
  package static func generate(
    _ transformer: Transformer, prompt: [Int], sampler: Sampler = Sampler(), endsOfText: Set<Int> = [],
    limit: Int = .max, threads: Int? = nil
  ) -> Generation {
    Generation { () throws(PassError) in
      Generator(
        try Pass(transformer, threads: threads), prompt: prompt, sampler: sampler, endsOfText: endsOfText, limit: limit)
    }
  }

  /// The tokens of a generator, one by one; each iteration begins anew.
  package struct Generation: AsyncSequence, Sendable {
    let make: @Sendable () throws(PassError) -> Generator

    /// Begins.
    package func makeAsyncIterator() -> Iterator { Iterator(make: make) }

    /// Computes the next token when it is asked for.
    package struct Iterator: AsyncIteratorProtocol {
      let make: @Sendable () throws(PassError) -> Generator
      private var generator: Generator?

      init(make: @escaping @Sendable () throws(PassError) -> Generator) { self.make = make }

      /// The next token, or `nil` when there are no more.
      package mutating func next() async throws(PassError) -> Int? {
        if generator == nil { generator = try make() }
        return try generator?.next()
      }
    }
  }
}
