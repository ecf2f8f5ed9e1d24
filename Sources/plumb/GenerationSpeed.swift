import Foundation

/// The speed at which a prompt was read and continued; loading the model does not count.
///
/// The first token comes after the whole prompt, each other one after the token before it.
struct GenerationSpeed {
  /// The number of tokens generated.
  private(set) var generated = 0
  private let prompt: Int
  private let start = ContinuousClock.now
  private var first: ContinuousClock.Instant?
  private var end: ContinuousClock.Instant?

  /// Starts the clock before a prompt of `prompt` tokens is read.
  init(prompt: Int) { self.prompt = prompt }

  /// Counts a token.
  mutating func count() {
    if first == nil { first = .now }
    generated += 1
  }

  /// Stops the clock.
  mutating func finish() { end = .now }

  /// The tokens of the prompt read in a second; 0 where none was needed.
  var promptTokensPerSecond: Double { first.map { Double(prompt) / (($0 - start) / .seconds(1)) } ?? 0 }

  /// The tokens generated in a second, after the first; 0 where there was at most one.
  var generationTokensPerSecond: Double {
    guard generated > 1, let first, let end else { return 0 }
    return Double(generated - 1) / ((end - first) / .seconds(1))
  }

  /// Two lines for people.
  var text: String {
    """
    prompt       \(prompt) tokens, \(Self.rate(promptTokensPerSecond)) tokens a second
    generation   \(generated) tokens, \(Self.rate(generationTokensPerSecond)) tokens a second

    """
  }

  private static func rate(_ value: Double) -> String { value == 0 ? "0" : String(format: "%.1f", value) }
}
