import PlumbModel

extension Engine {
  /// Several sequences that are read together: their rows share each pass over the weights.
  ///
  /// Every activation and every logit has the bits that a `Pass` of that sequence alone gives: rows of different sequences
  /// meet in no sum. Used by one task at a time.
  package final class Batch {
    /// The sequences.
    ///
    /// One may be read alone, between two calls of `append`.
    package let passes: [Pass]
    private let crew: Crew

    /// Begins `count` sequences without tokens, on `threads` threads (as many as there are processors for `nil`) and with
    /// the instruction set that `PLUMB_ISA` forces, or the fastest.
    ///
    /// Throws `shapes` when the tensors do not fit together, `instructionSet` when `PLUMB_ISA` names none.
    ///
    /// - Precondition: `count` is not negative.
    package convenience init(_ transformer: Transformer, count: Int, threads: Int? = nil) throws(PassError) {
      let instructionSet: InstructionSet
      do throws(InstructionSetError) {
        instructionSet = try InstructionSet.fromEnvironment()
      } catch {
        throw .instructionSet(error)
      }
      try self.init(transformer, count: count, threads: threads, instructionSet: instructionSet)
    }

    /// Begins `count` sequences without tokens, with a given instruction set.
    ///
    /// Throws `shapes` when the tensors do not fit together, `instructionSet` when the machine does not support it.
    ///
    /// - Precondition: `count` is not negative.
    package init(
      _ transformer: Transformer, count: Int, threads: Int? = nil, instructionSet: InstructionSet
    ) throws(PassError) {
      guard instructionSet.isSupported else { throw .instructionSet(.unsupported(instructionSet)) }
      guard transformer.isDecoder else { throw .encoder }
      let crew = Crew(threads: min(threads ?? Crew.processors, 1024), instructionSet: instructionSet)
      var passes: [Pass] = []
      for _ in 0..<count { passes.append(try Pass(transformer, crew, passes.first?.schedule)) }
      self.passes = passes
      self.crew = crew
    }

    /// Reads the new tokens of each sequence after those it read before, and returns the logits of each one's last token,
    /// `[1, vocabulary]`; `nil` for a sequence that is given none.
    ///
    /// Throws when no sequence is given a token, one is not in the vocabulary, they exceed the context, or the task is
    /// cancelled. After an error about the tokens all sequences are as they were before.
    ///
    /// - Precondition: there is a list of tokens for each sequence.
    package func append(_ newTokens: [[Int]]) throws(PassError) -> [Activation<Float>?] {
      precondition(newTokens.count == passes.count, "\(newTokens.count) lists of tokens for \(passes.count) sequences")
      guard newTokens.contains(where: { !$0.isEmpty }) else { throw .noTokens }
      for (pass, tokens) in zip(passes, newTokens) where !tokens.isEmpty { try pass.check(tokens) }
      for (pass, tokens) in zip(passes, newTokens) { pass.memory.extendAngles(to: pass.tokens.count + tokens.count) }
      defer { crew.spares.removeAll() }
      var logits = [Activation<Float>?](repeating: nil, count: passes.count)
      var unread = newTokens.map { $0[...] }
      var isFirst = true
      while unread.contains(where: { !$0.isEmpty }) {
        if !isFirst, Task.isCancelled { throw .cancelled }
        isFirst = false
        read(&unread, into: &logits)
      }
      return logits
    }

    /// Reads as many of the `unread` tokens as go through the layers together.
    private func read(_ unread: inout [ArraySlice<Int>], into logits: inout [Activation<Float>?]) {
      var chunks: [(pass: Pass, tokens: [Int])] = []
      var ended: [(sequence: Int, row: Int)] = []
      var room = Pass.chunk
      for sequence in unread.indices where room > 0 && !unread[sequence].isEmpty {
        let tokens = Array(unread[sequence].prefix(room))
        unread[sequence].removeFirst(tokens.count)
        chunks.append((passes[sequence], tokens))
        room -= tokens.count
        if unread[sequence].isEmpty { ended.append((sequence, Pass.chunk - room - 1)) }
      }
      let sweep = Sweep(chunks.map { ($0.memory, $0.tokens.count, $1) }, passes[0].schedule, crew, nil)
      let result = sweep.run(wanted: ended.map(\.row))
      for (index, (sequence, _)) in ended.enumerated() {
        guard let result else { continue }
        logits[sequence] = Activation(shape: [1, result.columns], elements: Array(result.row(index)))
      }
      for (pass, tokens) in chunks { pass.tokens += tokens }
    }
  }
}
