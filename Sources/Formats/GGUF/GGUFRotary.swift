import PlumbModel

/// The rotary embedding that the keys and tensors of a GGUF file state.
///
/// Source: `load_hparams` of llama.cpp, and `rope_yarn` of ggml.
struct GGUFRotary {
  /// The layer.
  private(set) var layer: RotaryEmbeddingLayer
  /// The number whose square multiplies the scale of low-rank attention.
  private(set) var stretch = RotaryMagnitude.number(1)
  /// The positions of training.
  private let original: Int
  private let kind: String
  private let file: String

  /// The keys that are read here, under the family's name.
  static let keys: Set<String> = [
    "rope.dimension_count", "rope.freq_base", "rope.scale_linear", "rope.scaling.type", "rope.scaling.factor",
    "rope.scaling.original_context_length", "rope.scaling.attn_factor", "rope.scaling.yarn_beta_fast",
    "rope.scaling.yarn_beta_slow",
  ]

  /// Reads the keys of `family` for heads of `headSize` elements in a model made for `context` tokens.
  ///
  /// A factor without a type is linear, as in files from before scaling had a type; 0 means that there is none.
  ///
  /// - Throws: `ModelError` that names the key whose value is not computed here.
  init(
    _ metadata: GGUFMetadata, _ family: Family, headSize: Int, firstRotated: Int = 0, context: Int, file: String
  ) throws(ModelError) {
    func fault(_ key: String, _ problem: String, _ expected: String) -> ModelError {
      ModelError(
        file: file, problem: "key '\(key)' is \(problem), expected \(expected)", remedy: "convert the model again")
    }
    func float(_ name: String, otherwise: Float, isPositive: Bool = true) throws(ModelError) -> Float {
      guard let value = try metadata.float(family.key(name)) else { return otherwise }
      guard value > 0 || value == 0 && !isPositive else {
        throw fault(family.key(name), "\(value)", isPositive ? "a positive number" : "a factor from 0 up")
      }
      return value
    }
    func count(_ name: String) throws(ModelError) -> Int? {
      guard let value = try metadata.integer(family.key(name)) else { return nil }
      guard 1..<1 << 31 ~= value else { throw fault(family.key(name), "\(value)", "a count from 1 to 2^31 − 1") }
      return value
    }
    self.file = file
    layer = RotaryEmbeddingLayer(
      rotatedSize: try count("rope.dimension_count") ?? headSize,
      theta: try metadata.float(family.key("rope.freq_base")) ?? 10_000, pairing: family.pairingInGGUF,
      firstRotated: firstRotated)
    guard layer.theta > 0 else { throw fault(family.key("rope.freq_base"), "\(layer.theta)", "a positive number") }
    kind = try metadata.string(family.key("rope.scaling.type")) ?? "linear"
    let older = try float("rope.scale_linear", otherwise: 0, isPositive: false)
    let stated = try float("rope.scaling.factor", otherwise: older, isPositive: false)
    let factor = stated == 0 ? 1 : stated
    original = try count("rope.scaling.original_context_length") ?? context
    layer.magnitude = .number(try float("rope.scaling.attn_factor", otherwise: 1))
    switch kind {
    case "none", "longrope": break
    case "linear": layer.scalingFactor = factor
    case "yarn":
      guard layer.magnitude.isOne else {
        throw fault(family.key("rope.scaling.attn_factor"), "\(layer.magnitude)", "1 beside YaRN's own")
      }
      if family.lowRank != nil, factor > 1 {
        // The two numbers of a configuration are one in a file, a tenth of it: sines and cosines have no factor.
        let weight = try float("rope.scaling.yarn_log_multiplier", otherwise: 0, isPositive: false)
        guard weight > 0 else {
          throw fault(family.key("rope.scaling.yarn_log_multiplier"), "\(weight)", "a positive number beside YaRN")
        }
        stretch = .logarithms(factor: factor, numerator: weight / 0.1)
      } else if factor > 1 {
        layer.magnitude = .logarithms(factor: factor)
      }
      guard factor != 1 else { break }
      let ramp = YarnRamp(
        size: layer.rotatedSize, theta: layer.theta, context: Float(original),
        fast: try float("rope.scaling.yarn_beta_fast", otherwise: 32),
        slow: try float("rope.scaling.yarn_beta_slow", otherwise: 1))
      guard let ends = ramp.ends else {
        throw fault(
          family.key("rope.scaling.type"), ramp.words, "a ramp")
      }
      layer.scaling = .ramp(factor: factor, first: ends.first, last: ends.last)
    default: throw fault(family.key("rope.scaling.type"), ModelError.quoted(kind), "none, linear, yarn or longrope")
    }
  }

  /// Takes from `source` the divisors of the frequencies, where there are some, and returns the number of tokens up to which they
  /// hold; `nil` for no limit.
  ///
  /// The list for short contexts counts where there are two: the other is for passes longer than any computed here.
  ///
  /// - Throws: `ModelError` where they do not fit.
  mutating func takeDivisors(_ source: inout TensorSource) throws(ModelError) -> Int? {
    let (single, short, long) = ("rope_freqs.weight", "rope_factors_short.weight", "rope_factors_long.weight")
    let isLong = kind == "longrope" || source.has(short) || source.has(long)
    if isLong { _ = try source.take(long) }
    let name = isLong ? short : single
    guard let tensor = isLong ? try source.take(name) : source.takeIfPresent(name) else { return nil }
    guard tensor.type == .f32, tensor.shape == [layer.pairs], layer.scaling == .none,
      let divisors = tensor.plainNumbers
    else {
      throw ModelError(
        file: file,
        problem: "tensor '\(name)' (\(tensor.type.label), \(tensor.shape)) does not divide \(layer.pairs) frequencies",
        remedy: "convert the model again")
    }
    if divisors.contains(where: { $0 != 1 }) { layer.scaling = .divisors(divisors) }
    return isLong ? original : nil
  }
}
