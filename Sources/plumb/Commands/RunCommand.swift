import ArgumentParser
import Foundation
import PlumbEngine
import PlumbFormats

/// `plumb run`: continues a prompt with the Float32 engine.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Continues a prompt with the Float32 engine, as text on the standard output.")

  @OptionGroup var source: ModelArgument
  @OptionGroup var input: PromptArguments

  @Option(help: ArgumentHelp("The greatest number of tokens to generate.", valueName: "count"))
  var tokensToGenerate = 64

  @Option(help: ArgumentHelp("0 takes the likeliest token each time; higher values spread the choice.", valueName: "t"))
  var temperature = 0.0

  @Option(help: ArgumentHelp("Where random choices start; the same seed gives the same text.", valueName: "n"))
  var seed: UInt64 = 0

  func validate() throws {
    if tokensToGenerate < 0 { throw ValidationError("'--tokens-to-generate' must not be negative.") }
    if !(temperature >= 0 && temperature.isFinite) {
      throw ValidationError("'--temperature' must be a number from 0 up.")
    }
    if input.prompt == nil && input.tokens == nil { throw ValidationError("Give '--prompt' or '--tokens'.") }
  }

  func run() throws {
    let model = try source.open()
    let prompt = try input.tokens(for: model, otherwise: "")
    do throws(Engine.PassError) {
      var generator = Engine.Generator(
        try Engine.Pass(model.transformer), prompt: prompt,
        sampler: Engine.Sampler(temperature: temperature, seed: seed), endsOfText: model.tokenizer.endOfText,
        limit: tokensToGenerate)
      var stream = UTF8Stream()
      var count = 0
      let clock = ContinuousClock()
      let start = clock.now
      // The first token comes after the whole prompt, each other one after the token before it.
      var first = start
      while let token = try generator.next() {
        if count == 0 { first = clock.now }
        StandardOutput.write(stream.append(model.tokenizer.bytes(of: token)))
        count += 1
      }
      let end = clock.now
      StandardOutput.write(stream.finish() + (count > 0 ? "\n" : ""))
      StandardError.write(
        """
        prompt       \(prompt.count) tokens, \(Self.rate(count > 0 ? prompt.count : 0, first - start)) tokens a second
        generation   \(count) tokens, \(Self.rate(max(count - 1, 0), end - first)) tokens a second
        fingerprint  \(model.fingerprint)

        """)
    } catch {
      throw BadInput(message: error.description)
    }
  }

  private static func rate(_ count: Int, _ time: Duration) -> String {
    count == 0 ? "0" : String(format: "%.1f", Double(count) / (time / .seconds(1)))
  }
}
