import PlumbModel

extension Engine {
  /// Continues several prompts together, token by token, each as a `Generator` continues it alone.
  package struct BatchGenerator {
    /// The sequences.
    package let batch: Batch
    /// The reason why each sequence has no more tokens; `nil` while it may have more.
    package private(set) var ends: [Generator.End?]
    /// The logits from which each sequence's last token was chosen; `nil` before the first.
    package private(set) var logits: [Activation<Float>?]
    private var samplers: [Sampler]
    private var unread: [[Int]]
    private var remaining: Int
    private let endsOfText: Set<Int>

    /// Continues what the sequences have read and `prompts`, each with a sampler of its own that begins as `sampler`, until
    /// one of `endsOfText` is chosen or there are `limit` tokens.
    ///
    /// No prompt must be empty: they are read when the first tokens are asked for.
    ///
    /// - Precondition: there is a prompt for each sequence.
    package init(
      _ batch: Batch, prompts: [[Int]], sampler: Sampler = Sampler(), endsOfText: Set<Int> = [], limit: Int = .max
    ) {
      precondition(prompts.count == batch.passes.count, "\(prompts.count) prompts for \(batch.passes.count) sequences")
      self.batch = batch
      self.endsOfText = endsOfText
      ends = prompts.map { _ in nil }
      logits = prompts.map { _ in nil }
      samplers = prompts.map { _ in sampler }
      unread = prompts
      remaining = limit
    }

    /// The next token of each sequence, `nil` for one that ended; `nil` when all have (see `ends`).
    ///
    /// Throws what `Batch.append` throws: about the prompts, or `cancelled`, which is found before each token.
    package mutating func next() throws(PassError) -> [Int?]? {
      for sequence in ends.indices where ends[sequence] == nil {
        let pass = batch.passes[sequence]
        if remaining <= 0 {
          ends[sequence] = .limit
        } else if pass.tokens.count >= pass.transformer.contextLength {
          ends[sequence] = .context
        }
        if ends[sequence] != nil { unread[sequence] = [] }
      }
      guard ends.contains(where: { $0 == nil }) else { return nil }
      if Task.isCancelled { throw .cancelled }
      let read = try batch.append(unread)
      remaining -= 1
      var tokens = [Int?](repeating: nil, count: ends.count)
      for (sequence, row) in read.enumerated() {
        guard let row else { continue }
        logits[sequence] = row
        let token = samplers[sequence].sample(row)
        if endsOfText.contains(token) {
          ends[sequence] = .endOfText(token)
          unread[sequence] = []
        } else {
          tokens[sequence] = token
          unread[sequence] = [token]
        }
      }
      return tokens
    }
  }
}
