import PlumbModel

/// A family of decoders: how their blocks are put together, and what their readers take where a container does not say.
///
/// The defaults are Llama's, so that a family states only how it differs.
struct Family: Sendable {
  /// The name in `config.json`.
  var name: String
  /// The name in GGUF files; `nil` where none calls itself so.
  var architecture: String?
  /// The pairing of a head's elements in a folder, and in a GGUF file.
  var pairing = RotaryEmbeddingLayer.Pairing.halfSplit
  var pairingInGGUF = RotaryEmbeddingLayer.Pairing.halfSplit
  /// The names of the tensors of a folder, and of a GGUF file.
  var tensors = TensorNames.huggingFace
  var tensorsInGGUF = TensorNames.gguf
  /// Whether a `config.json` with the name is one of the family, where several have one name: the first that is.
  var isMeant: (@Sendable (JSONValue) -> Bool)?
  /// The heads of keys and values of a `config.json` with so many `heads`, whatever it says of their number; `nil` where that counts.
  var impliedKeyValueHeads: (@Sendable (_ json: JSONValue, _ heads: Int) -> Int?)?
  /// Keys of `config.json` that mean what another means in most families, by that other.
  var aliases: [String: String] = [:]

  /// Whether it reads a text as a whole and gives a row for each token, rather than the next token.
  var isEncoder = false
  /// The greatest number of tokens, by default.
  var contextLength = 2048
  /// Whether the first position is that behind the number of the padding token.
  var countsFromPadding = false
  /// The heads of keys and values, by default; `nil` for as many as there are of queries.
  var keyValueHeads: Int?
  /// The elements of a head, by default; `nil` for the hidden size shared evenly.
  var headSize: Int?
  /// The elements between the products of a feed-forward layer, by default, in hidden sizes; `nil` where they must be stated.
  var feedForwardShare: Int?
  /// Whether the unembedding is the embedding, by default.
  var isTied = false

  /// Whether the products to queries, keys and values have biases.
  var inputBias = Bias.stated("attention_bias")
  /// Whether the product back has one.
  var outputBias = Bias.stated("attention_bias")
  /// Whether the products of the feed-forward layer have biases.
  var feedForwardBias = Bias.stated("mlp_bias")

  /// The normalisations.
  var norm = NormKind.rms
  /// The key of epsilon, and its value by default.
  var epsilon = (key: "rms_norm_eps", otherwise: 1e-6)
  /// Whether queries and keys are normalised before they are turned.
  var normalises = HeadNorms.none
  /// The activation function's key, and its value by default.
  var activation = (key: "hidden_act", otherwise: ActivationFunction.silu)
  /// Whether 'gelu' is the tanh form.
  var isGELUOfTanh = false
  /// Whether both branches read what enters the block.
  var isParallel = Choice.never

  /// The blocks that see a window of positions only.
  var window = Window.none
  /// The window of a GGUF file that states none.
  var windowInGGUF: Int?
  /// The base of the rotary angles, by default, and that of blocks with a window, where they have their own.
  var theta: Float = 10_000
  var thetaOfWindows: Float?
  /// The share of a head that is turned, by default; `nil` where heads are turned whole.
  var turnedShare: Double?
  /// Whether queries beyond the positions of training are multiplied by a number of their own.
  var scalesLateQueries = false
  /// Whether the class scales angles where a configuration says nothing of that.
  var hasOwnScaling = false
  /// Whether each head has a sink.
  var hasSinks = false
  /// The clamped gate of the feed-forward layers, by default; `nil` for none.
  var clamp: ClampedGateLayer?
  /// The blocks that are not turned.
  var unturned = Unturned.none

  /// The numbers that are added to scores in place of turns.
  var linearBias = LinearBiasRule.none
  /// The key of `config.json` of the limit of queries, keys and values, whose null is none; `nil` where the family has none.
  var clampKey: String?
  /// Whether its GGUF files state the limit.
  var isClampedInGGUF = false
  /// The key of `config.json` whose members are named behind it and a dot, as those of no object of their own.
  var nestedKeys: String?

  /// Queries, keys and values that are made of latent rows; `nil` for none.
  var lowRank: LowRank?
  /// The scale of the attention.
  var attentionScale = AttentionScale.headSize
  /// Whether folders may have blocks behind those that are counted, which predict tokens after the next one.
  var ignoresLaterBlocks = false
  /// The experts in place of feed-forward layers; `nil` for none.
  var experts: Experts?
  /// The numbers that multiply embeddings, branches and logits.
  var embeddingScale = Multiplier.none
  var branchScale = Multiplier.none
  var logitScale = Multiplier.none
  /// The soft caps of scores and logits, by default, where the family has them.
  var scoreCap = SoftCap.none
  var logitCap = SoftCap.none
  /// Keys that the class reads and that are not computed here, with the values that leave everything as it is.
  var changesNothing: [String: [JSONValue]] = [:]

  /// The families that can be read.
  static let all: [Family] = [
    llama, mistral, ministral3, qwen2, qwen3, mixtral, qwen2MoE, qwen3MoE, olmoE, graniteMoE, gptOSS,
    deepSeekV2, deepSeekV3, kimiK2, glm4MoELite, gemma, gemma2, embeddingGemma, gemma3, phi, phi3, granite, olmo, olmo2,
    olmo3, glm4, glm4MoE, smolLM3, cohere, cohere2, starCoder2, stableLM, bloom, mpt, falconOfTwoNorms, falcon,
    falconInSequence, gptNeoX, gpt2, bert, distilBERT, roBERTa, xlmRoBERTa, nomic, modernBERT,
  ]

  /// The names `names`, each once, for people.
  static func words(_ names: [String]) -> String {
    let names = names.indices.filter { !names[..<$0].contains(names[$0]) }.map { "'\(names[$0])'" }
    return names.dropLast().joined(separator: ", ") + (names.count > 1 ? " or " : "") + (names.last ?? "")
  }
}

// The choices of a family.
extension Family {
  /// Whether a product has a bias.
  enum Bias: Sendable {
    /// As the key of `config.json` says, or as is usual where it is missing.
    case stated(String, otherwise: Bool = false)
    case always
    case never
  }

  /// The normalisations of a family.
  enum NormKind: Sendable, Equatable {
    case rms
    /// The weight is stored less 1 in folders, and whole in GGUF files.
    case rmsLessOne
    case layer(hasBias: Bool)
    /// By mean and variance alone.
    case plain
  }

  enum HeadNorms: Sendable {
    case none
    /// Each head by itself.
    case each
    /// The same, where the key says so.
    case stated(String)
    /// All heads of a token together.
    case all
  }

  enum Choice: Sendable {
    case never
    case always
    /// As the key says, which has the same name in both containers.
    case stated(String, otherwise: Bool)
  }

  /// A rule by which blocks see a window of positions only.
  enum Window: Sendable {
    case none
    /// All, where `sliding_window` is a number; this one where the key is missing.
    case everywhere(otherwise: Int?)
    /// The blocks that `layer_types` names, or all from `max_window_layers` on, where `use_sliding_window` is true.
    case chosen(otherwise: Int, from: Int)
    /// The blocks that `layer_types` names, or all but each of this number.
    case alternating(otherwise: Int, period: Int)
    /// The blocks that `layer_types` names, or all but one of each period: half of the window to both sides.
    case symmetric(SymmetricWindow)
  }

  /// The keys of windows to both sides, and what holds by default.
  struct SymmetricWindow: Sendable {
    /// The key of the window, and its size by default.
    var size = (key: "sliding_window", otherwise: 4096)
    /// The key of the period, and its number by default.
    var period = (key: "sliding_window_pattern", otherwise: 6)
    /// Whether the block of a period that sees all positions is the first; otherwise it is the last.
    var isFirstWhole = false
  }

  enum Unturned: Sendable {
    case none
    /// The blocks where `no_rope_layers` is 0, or each of this number where there is no list.
    case listed(period: Int)
    /// The blocks without a window.
    case withoutWindow
  }

  enum LinearBiasRule: Sendable {
    case none
    /// In all blocks, with the least slope 2^−8; in GGUF files with that of `attention.max_alibi_bias`, where the family states it.
    case always(isStatedInGGUF: Bool)
    /// In all blocks where the key of `config.json` says so, with the bias scaled like the scores or not; otherwise positions are turned.
    case stated(String, isScaled: Bool)
  }

  enum AttentionScale: Sendable {
    /// 1/√headSize.
    case headSize
    /// 1/√ of the key's number; in GGUF files of a head's size, but in models of `blocks` blocks of the hidden size a head.
    case size(key: String, otherwise: Int, hiddenShareWithBlocks: Int)
    /// The key's number; 1 by default.
    case factor(key: String)
  }

  enum SoftCap: Sendable {
    case none
    /// As the key says, whose null is none.
    case stated(otherwise: Float?)
  }

  /// The activation functions by the names that configurations have for them.
  var activations: [String: ActivationFunction] {
    [
      "silu": .silu, "swish": .silu, "relu": .relu, "gelu": isGELUOfTanh ? .geluTanh : .gelu, "gelu_new": .geluTanh,
      "gelu_fast": .geluTanh, "gelu_pytorch_tanh": .geluTanh,
    ]
  }

  /// The key of epsilon in its GGUF files.
  var epsilonKeyInGGUF: String {
    switch norm {
    case .rms, .rmsLessOne: "attention.layer_norm_rms_epsilon"
    case .layer, .plain: "attention.layer_norm_epsilon"
    }
  }

  /// The whole name of the key `name` of its GGUF files.
  func key(_ name: String) -> String { "\(architecture ?? self.name).\(name)" }
}
