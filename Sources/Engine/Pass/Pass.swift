import PlumbModel

extension Engine {
  /// One pass of a transformer over a growing run of tokens: its activations, and the keys and values of what it read.
  ///
  /// Any number of passes may share a transformer, each used by one task at a time. The bits of every activation of a
  /// token depend on the tokens up to it and on the instruction set: never on the number of threads, on how the tokens
  /// were split among calls of `append`, or on an observer.
  package final class Pass {
    /// The transformer, whose weights stay as they are.
    package let transformer: Transformer
    /// The instructions that the pass uses.
    package var instructionSet: InstructionSet { crew.instructionSet }
    /// The tokens read so far.
    package internal(set) var tokens: [Int] = []

    /// The function that receives the activations of a pass.
    package typealias Observer = (ActivationName, Activation<Float>) -> Void

    let crew: Crew
    let schedule: Schedule
    let memory: SequenceMemory

    /// The most tokens whose activations are held at a time, unless somebody observes them.
    static let chunk = 512

    /// The most tokens whose logits are held at a time.
    static let scoredChunk = 128

    /// Begins a pass without tokens, on `threads` threads (as many as there are processors for `nil`) and with the
    /// instruction set that `PLUMB_ISA` forces, or the fastest.
    ///
    /// Throws `shapes` when the tensors do not fit together, `instructionSet` when `PLUMB_ISA` names none.
    package convenience init(_ transformer: Transformer, threads: Int? = nil) throws(PassError) {
      let instructionSet: InstructionSet
      do throws(InstructionSetError) {
        instructionSet = try InstructionSet.fromEnvironment()
      } catch {
        throw .instructionSet(error)
      }
      try self.init(transformer, threads: threads, instructionSet: instructionSet)
    }

    /// Begins a pass without tokens, with a given instruction set.
    ///
    /// Throws `shapes` when the tensors do not fit together, `instructionSet` when the machine does not support it.
    package convenience init(
      _ transformer: Transformer, threads: Int? = nil, instructionSet: InstructionSet
    ) throws(PassError) {
      guard instructionSet.isSupported else { throw .instructionSet(.unsupported(instructionSet)) }
      try self.init(
        transformer, Crew(threads: min(threads ?? Crew.processors, 1024), instructionSet: instructionSet))
    }

    /// Begins a pass without tokens on the threads of `crew`; `schedule` is that of the transformer, where somebody has it.
    init(_ transformer: Transformer, _ crew: Crew, _ schedule: Schedule? = nil) throws(PassError) {
      if schedule == nil { try Self.check(transformer) }
      self.transformer = transformer
      self.crew = crew
      self.schedule = schedule ?? Schedule(transformer.plan)
      memory = SequenceMemory(self.schedule)
    }

    private static func check(_ transformer: Transformer) throws(PassError) {
      if let error = transformer.shapeErrors.first { throw .shapes(error) }
      for layer in transformer.plan.rotaryLayers where !(layer.theta > 0 && layer.theta.isFinite) {
        throw .shapes("the rotary base \(layer.theta) is not positive and finite")
      }
    }

    /// Reads `newTokens` after those read before, and returns the logits of the last one, `[1, vocabulary]`; of an encoder,
    /// which reads one text as a whole, the rows of all tokens, `[tokens, hidden]`.
    ///
    /// `observer` receives every activation in the order of the transformer's plan: those of the new tokens, and last the next-token probabilities, which are computed for it alone.
    ///
    /// Throws when there is no token, one is not in the vocabulary, they exceed the context, or the task is cancelled
    /// (between chunks, never while observed). After an error about the tokens the pass is as it was before.
    @discardableResult
    package func append(_ newTokens: [Int], observer: Observer? = nil) throws(PassError) -> Activation<Float> {
      try check(newTokens)
      let isDecoder = transformer.isDecoder
      let size = observer == nil && isDecoder ? Self.chunk : newTokens.count
      var result: Activation<Float>?
      try read(newTokens, chunk: size) { chunk, isLast in
        result = sweep(chunk, observer).run(wanted: isDecoder ? (isLast ? [chunk.count - 1] : []) : nil)
      }
      return result ?? Activation(shape: [0, transformer.vocabularySize], elements: [])
    }

    /// Reads `newTokens` after those read before, and shows `receiver` the logits of each, a chunk of tokens at a time:
    /// `[tokens of the chunk, vocabulary]`, with the bits that `append` gives when it stops there.
    ///
    /// Throws what `append` throws, and `encoder` where there are no logits.
    package func append(_ newTokens: [Int], eachLogits receiver: (Activation<Float>) -> Void) throws(PassError) {
      guard transformer.isDecoder else { throw .encoder }
      try check(newTokens)
      try read(newTokens, chunk: Self.scoredChunk) { chunk, _ in
        if let result = sweep(chunk, nil).run(wanted: Array(chunk.indices)) { receiver(result) }
      }
    }

    /// Takes `newTokens` in chunks of `size` through `body`, which is told whether a chunk is the last.
    private func read(
      _ newTokens: [Int], chunk size: Int, _ body: (_ chunk: [Int], _ isLast: Bool) -> Void
    ) throws(PassError) {
      memory.extendAngles(to: tokens.count + newTokens.count)
      defer { crew.spares.removeAll() }
      for start in stride(from: 0, to: newTokens.count, by: size) {
        if start > 0, Task.isCancelled { throw .cancelled }
        let chunk = Array(newTokens[start..<min(start + size, newTokens.count)])
        body(chunk, start + size >= newTokens.count)
        tokens += chunk
      }
    }

    private func sweep(_ chunk: [Int], _ observer: Observer?) -> Sweep {
      Sweep([(memory, tokens.count, chunk)], schedule, crew, observer)
    }

    func check(_ newTokens: [Int]) throws(PassError) {
      guard !newTokens.isEmpty else { throw .noTokens }
      guard transformer.isDecoder || tokens.isEmpty else { throw .encoder }
      let size = transformer.vocabularySize
      if let index = newTokens.firstIndex(where: { !(0..<size).contains($0) }) {
        throw .unknownToken(newTokens[index], index: index, vocabularySize: size)
      }
      let length = transformer.contextLength
      guard newTokens.count <= length - tokens.count else {
        throw .contextExceeded(tokens: newTokens.count, present: tokens.count, contextLength: length)
      }
    }
  }
}
