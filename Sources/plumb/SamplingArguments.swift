import ArgumentParser
import PlumbEngine

/// The way in which the next token is chosen.
struct SamplingArguments: ParsableArguments {
  @Option(help: ArgumentHelp("0 takes the likeliest token each time; higher values spread the choice.", valueName: "t"))
  var temperature = 0.0

  @Option(help: ArgumentHelp("Choose among so many of the likeliest tokens.", valueName: "count"))
  var topK: Int?

  @Option(
    help: ArgumentHelp("Choose among the fewest likeliest tokens whose probabilities reach this.", valueName: "p"))
  var topP: Double?

  @Option(help: ArgumentHelp("Choose among tokens at least this fraction as likely as the likeliest.", valueName: "p"))
  var minP: Double?

  @Option(
    help: ArgumentHelp("Where random choices start; the same seed gives the same text (default: 0).", valueName: "n"),
    transform: Seed.parse)
  var seed: UInt64?

  func validate() throws {
    if !(temperature >= 0 && temperature.isFinite) {
      throw ValidationError("'--temperature' must be a number from 0 up.")
    }
    if let topK, topK < 1 { throw ValidationError("'--top-k' must be a whole number from 1 up.") }
    for (name, value) in [("--top-p", topP), ("--min-p", minP)] {
      if let value, !(value >= 0 && value <= 1) { throw ValidationError("'\(name)' must be a number from 0 to 1.") }
    }
    if temperature == 0 && (topK != nil || topP != nil || minP != nil || seed != nil) {
      throw ValidationError("'--top-k', '--top-p', '--min-p' and '--seed' need a '--temperature' above 0.")
    }
  }

  /// The sampler.
  var sampler: Engine.Sampler {
    Engine.Sampler(temperature: temperature, topK: topK, topP: topP, minP: minP, seed: seed ?? 0)
  }
}
