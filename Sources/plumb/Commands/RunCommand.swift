import ArgumentParser
import Foundation
import PlumbEngine
import PlumbFormats

/// `plumb run`: continues a prompt with the Float32 engine.
struct RunCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Continues a prompt with the Float32 engine, as text on the standard output.")

  @OptionGroup var source: ModelArgument
  @OptionGroup var input: PromptArguments
  @OptionGroup var sampling: SamplingArguments

  @Option(
    help: ArgumentHelp(
      "A file with a prompt in each line, read together; '-' is the standard input. Empty lines are left out.",
      valueName: "file"))
  var batchFile: String?

  @Option(help: ArgumentHelp("The greatest number of tokens to generate.", valueName: "count"))
  var tokensToGenerate = 64

  @Option(
    help: ArgumentHelp(
      "With '--json': for each token, the log-probabilities of so many of the likeliest tokens.", valueName: "count"))
  var logProbabilities: Int?

  @OptionGroup var engine: ThreadArguments

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  func validate() throws {
    if tokensToGenerate < 0 { throw ValidationError("'--tokens-to-generate' must not be negative.") }
    if !input.isGiven && batchFile == nil {
      throw ValidationError("Give '--prompt', '--prompt-file', '--batch-file' or '--tokens'.")
    }
    if input.isGiven && batchFile != nil { throw ValidationError("Give either '--batch-file' or one of the prompts.") }
    if let logProbabilities {
      if logProbabilities < 0 { throw ValidationError("'--log-probabilities' must not be negative.") }
      if !json { throw ValidationError("'--log-probabilities' goes with '--json'.") }
    }
  }

  var paths: CommandFiles {
    var paths = CommandFiles()
    paths.readModel(source.model)
    paths.read(input.promptFile, "--prompt-file")
    paths.read(batchFile, "--batch-file")
    return paths
  }

  func run() throws {
    let model = try source.openDecoder()
    if let prompts = try prompts() { return try run(model, prompts) }
    let prompt = try input.tokens(for: model, otherwise: "")
    var generator: Engine.Generator
    var speed = GenerationSpeed(prompt: prompt.count)
    var stream = UTF8Stream()
    var result = Continuation(model, prompt: prompt)
    do throws(Engine.PassError) {
      generator = Engine.Generator(
        try Engine.Pass(model.transformer, threads: engine.threads), prompt: prompt, sampler: sampling.sampler,
        endsOfText: model.tokenizer.endOfText, limit: tokensToGenerate)
      try Interrupt.watched { interrupt throws(Engine.PassError) in
        while !interrupt.isRequested, StandardOutput.failure == nil,
          let token = try Interrupt.unlessCancelled({ () throws(Engine.PassError) in try generator.next() })
        {
          speed.count()
          if json {
            result.add(token, logits: generator.logits, top: logProbabilities)
          } else {
            StandardOutput.write(stream.append(model.tokenizer.bytes(of: token)))
          }
        }
      }
    } catch {
      throw BadInput(message: error.description)
    }
    speed.finish()
    if json {
      result.finish(generator.end, speed)
      return try printJSON(result)
    }
    StandardOutput.write(stream.finish() + (speed.generated > 0 ? "\n" : ""))
    StandardError.write(speed.text + "fingerprint  \(model.fingerprint)\n")
  }
}
