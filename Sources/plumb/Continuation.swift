import PlumbEngine
import PlumbFormats
import PlumbModel

/// The JSON of `plumb run`.
struct Continuation: Encodable {
  /// A token and how likely the engine held it.
  struct Choice: Encodable {
    let token: Int
    let text: String
    let logProbability: String
  }

  /// A token of the continuation.
  struct Step: Encodable {
    let token: Int
    let text: String
    let logProbability: String?
    let likeliest: [Choice]?
  }

  let schema = 1
  let model: String
  private let fingerprint: PrintedFingerprint
  let prompt: [Int]
  private(set) var tokens: [Step] = []
  private(set) var text = ""
  private(set) var end = ""
  private(set) var promptTokensPerSecond = 0.0
  private(set) var generationTokensPerSecond = 0.0
  private let tokenizer: any Tokenizer

  private enum CodingKeys: String, CodingKey {
    case schema, model, fingerprint, prompt, tokens, text, end, promptTokensPerSecond, generationTokensPerSecond
  }

  /// A continuation of `prompt` without tokens.
  init(_ model: LoadedModel, prompt: [Int]) {
    self.model = model.name
    fingerprint = PrintedFingerprint(model: model)
    self.prompt = prompt
    tokenizer = model.tokenizer
  }

  /// Adds `token`, chosen from `logits`, with the log-probabilities of itself and of the `top` likeliest where wanted.
  mutating func add(_ token: Int, logits: Activation<Float>?, top: Int?) {
    var own: String?
    var likeliest: [Choice]?
    if let top, let logits {
      // Computed only when asked for: it is a pass over the vocabulary for each token.
      let logarithms = Engine.logSoftmax(logits).elements
      func choice(_ token: Int) -> Choice {
        Choice(token: token, text: tokenizer.text(of: [token]), logProbability: logarithms[token].hexadecimal)
      }
      own = logarithms[token].hexadecimal
      let order = logarithms.indices.sorted { (logarithms[$1], $0) < (logarithms[$0], $1) }
      likeliest = order.prefix(top).map(choice)
    }
    tokens.append(
      Step(token: token, text: tokenizer.text(of: [token]), logProbability: own, likeliest: likeliest))
  }

  /// Says why it ended, and how fast it was.
  mutating func finish(_ reason: Engine.Generator.End?, _ speed: GenerationSpeed) {
    // Joined before they become text: one token may hold part of a character.
    text = tokenizer.text(of: tokens.map(\.token))
    promptTokensPerSecond = speed.promptTokensPerSecond
    generationTokensPerSecond = speed.generationTokensPerSecond
    end =
      switch reason {
      case .endOfText: "end of text"
      case .context: "context"
      case .limit: "limit"
      case nil: "interrupted"
      }
  }
}

/// A model's fingerprint, which is computed when it is printed: nobody waits for it before the first token.
private struct PrintedFingerprint: Encodable {
  let model: LoadedModel

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(model.fingerprint)
  }
}
