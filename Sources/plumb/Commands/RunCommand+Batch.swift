import PlumbEngine
import PlumbFormats
import PlumbModel

extension RunCommand {
  /// The prompts of a batch; `nil` where there is a single one.
  func prompts() throws -> [String]? {
    guard let batchFile else { return input.prompt.count > 1 ? input.prompt : nil }
    let lines = try TextFile.read(batchFile).split(whereSeparator: \.isNewline).map(String.init)
    if lines.isEmpty { throw BadInput(message: "\(batchFile): has no line with a prompt; write one a line") }
    return lines
  }

  /// Continues several prompts together, and prints each continuation after its prompt.
  func run(_ model: LoadedModel, _ texts: [String]) throws {
    var prompts: [[Int]] = []
    for (index, text) in texts.enumerated() {
      do {
        prompts.append(try PromptArguments.tokens(of: text, for: model))
      } catch let error as BadInput {
        throw BadInput(message: "prompt \(index + 1): \(error.message)")
      }
    }
    var speeds = prompts.map { GenerationSpeed(prompt: $0.count) }
    var all = GenerationSpeed(prompt: prompts.reduce(0) { $0 + $1.count })
    var results = prompts.map { Continuation(model, prompt: $0) }
    let generator: Engine.BatchGenerator
    do throws(Engine.PassError) {
      generator = try Interrupt.watched { interrupt throws(Engine.PassError) in
        try generate(model, prompts, until: { interrupt.isRequested }) { sequence, token, logits in
          speeds[sequence].count()
          all.count()
          results[sequence].add(token, logits: logits, top: json ? logProbabilities : nil)
        }
      }
    } catch {
      throw BadInput(message: error.description)
    }
    all.finish()
    for index in results.indices {
      speeds[index].finish()
      results[index].finish(generator.ends[index], speeds[index])
    }
    if json { return try printJSON(results) }
    for (index, (text, result)) in zip(texts, results).enumerated() {
      StandardOutput.write((index > 0 ? "\n" : "") + "\(index + 1). \(text)\n\(result.text)\n")
    }
    StandardError.write(all.text + "fingerprint  \(model.fingerprint)\n")
  }

  /// Continues until every sequence has ended, or `isInterrupted`; `receive` is told each token with its sequence and logits.
  private func generate(
    _ model: LoadedModel, _ prompts: [[Int]], until isInterrupted: () -> Bool,
    _ receive: (_ sequence: Int, _ token: Int, _ logits: Activation<Float>?) -> Void
  ) throws(Engine.PassError) -> Engine.BatchGenerator {
    let batch = try Engine.Batch(model.transformer, count: prompts.count, threads: engine.threads)
    var generator = Engine.BatchGenerator(
      batch, prompts: prompts, sampler: sampling.sampler, endsOfText: model.tokenizer.endOfText,
      limit: tokensToGenerate)
    while !isInterrupted(),
      let tokens = try Interrupt.unlessCancelled({ () throws(Engine.PassError) in try generator.next() })
    {
      for (sequence, token) in tokens.enumerated() {
        if let token { receive(sequence, token, generator.logits[sequence]) }
      }
    }
    return generator
  }
}
