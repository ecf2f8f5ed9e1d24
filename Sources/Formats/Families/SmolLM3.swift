extension Family {
  /// SmolLM3: Llama with blocks whose heads are not turned.
  ///
  /// Source: the documentation of `SmolLM3Config` in huggingface/transformers.
  static let smolLM3: Family = {
    var family = Family(
      name: "smollm3", architecture: "smollm3", pairingInGGUF: .adjacent, contextLength: 32_768, keyValueHeads: 4,
      isTied: true, theta: 2_000_000, unturned: .listed(period: 4))
    family.changesNothing = ["use_sliding_window": [.bool(false)]]
    return family
  }()
}
