import PlumbModel

/// A family of decoders whose blocks are put together as Llama's: what differs from it, and what its readers take where a
/// container does not say.
struct Family: Sendable {
  /// The name in `config.json` and in GGUF files.
  let name: String
  /// The greatest number of tokens, by default.
  var contextLength = 2048
  /// The heads of keys and values, by default; `nil` for as many as there are of queries.
  var keyValueHeads: Int?
  /// The elements of a head, by default; `nil` for the hidden size shared evenly.
  var headSize: Int?
  /// Whether the products to queries, keys and values have biases.
  var inputBias = Bias.stated("attention_bias")
  /// Whether the product back has one.
  var outputBias = Bias.stated("attention_bias")
  /// Whether the products of the feed-forward layer have biases.
  var feedForwardBias = Bias.stated("mlp_bias")
  /// Whether each head of queries and keys is normalised before it is turned.
  var normalisesHeads = false
  /// The blocks that see a window of positions only.
  var window = Window.none
  /// The pairing of a head's elements in its GGUF files; `nil` where it has none of its own.
  var pairingInGGUF: RotaryEmbeddingLayer.Pairing?

  /// Whether a product has a bias.
  enum Bias: Sendable {
    /// As the key of `config.json` says; without it, none.
    case stated(String)
    case always
    case never
  }

  /// A rule by which `config.json` says which blocks see a window of positions only.
  enum Window: Sendable {
    case none
    /// All, where `sliding_window` is a number; this one where the key is missing.
    case everywhere(otherwise: Int)
    /// The blocks that `layer_types` names, or all from `max_window_layers` on, where `use_sliding_window` is true.
    case chosen(otherwise: Int, from: Int)
  }

  /// The whole name of the key `name` of its GGUF files.
  func key(_ name: String) -> String { "\(self.name).\(name)" }

  /// The families that can be read.
  static let all: [Family] = [llama, mistral, qwen2, qwen3]

  /// The names of those in `families`, for people.
  static func words(_ families: [Family]) -> String {
    let names = families.map { "'\($0.name)'" }
    return names.dropLast().joined(separator: ", ") + (names.count > 1 ? " or " : "") + (names.last ?? "")
  }
}
