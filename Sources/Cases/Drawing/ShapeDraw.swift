import PlumbModel
import PlumbVerdicts

/// The extents and attributes of one random case.
struct ShapeDraw {
  private(set) var extents: [String: Int] = [:]
  private(set) var attributes: [String: AttributeValue] = [:]

  /// Draws what the signature of `layer` names; extents that depend on each other are drawn together.
  ///
  /// Extents that are `fixed` are what they are, and those that depend on them follow. One case in fifty has a long axis
  /// where no extent is fixed, if there may be one.
  init(
    _ layer: LayerKind, fixed: [String: Int] = [:], mayBeLong: Bool = true, using source: inout SeededSource
  ) {
    let signature = Catalogue.signature(of: layer)
    let names = signature.extentNames
    let fixed = fixed.filter { names.contains($0.key) }
    let long =
      mayBeLong && fixed.isEmpty && source.oneIn(LongAxis.oneIn) ? LongAxis(layer, among: names, using: &source) : nil
    for name in names {
      extents[name] =
        switch name {
        // As many as a head has, for each of which there may be a divisor.
        case "pairs": 1
        case long?.name: long?.extent ?? 1
        case "headSize" where long != nil: 2 * source.size(1...2)
        case _ where long != nil: source.size(1...2)
        case "hidden" where ShapeDraw.isOfExperts(layer), "feedForward" where ShapeDraw.isOfExperts(layer):
          source.size(1...24)
        case "experts" where ShapeDraw.isOfExperts(layer): source.size(1...8)
        case "chosen": source.size(1...4)
        case "tokens", "rows": source.size(1...4)
        case "heads": source.size(1...4)
        // A block is made of twenty layers.
        case "headSize": 2 * source.size(layer == .block ? 1...4 : 1...16)
        case "hidden" where layer == .block, "feedForward" where layer == .block: source.size(1...16)
        default: source.size(1...64)
        }
    }
    if let keyValueHeads = extents["keyValueHeads"] {
      // Query heads share those of keys and values evenly.
      var shared = fixed["keyValueHeads"] ?? min(keyValueHeads, 3)
      if let heads = fixed["heads"], fixed["keyValueHeads"] == nil {
        while !heads.isMultiple(of: shared) { shared -= 1 }
      }
      extents["keyValueHeads"] = shared
      extents["heads"] = shared * source.size(1...3)
    }
    extents.merge(fixed) { $1 }
    fitChoice(fixed)
    if fixed["pairs"] == nil, let size = extents["headSize"], names.contains("pairs") { extents["pairs"] = size / 2 }
    if !fixed.isEmpty { ExtentLimits(signature).fit(&extents, keeping: fixed) }
    for attribute in signature.attributes {
      switch attribute.name {
      case "epsilon" where layer == .cosineSimilarity:
        attributes["epsilon"] = .real([0, 0, 1e-8, 1e-6, 1].randomElement(using: &source) ?? 0)
      case "epsilon": attributes["epsilon"] = .real([0x1p-20, 1e-5, 1e-6, 1e-12, 1].randomElement(using: &source) ?? 1)
      case "theta": attributes["theta"] = .real([10_000, 100_000, 500_000, 1, 2].randomElement(using: &source) ?? 2)
      case "chosen", "groups", "keptGroups", "groupScore": break
      case "factor" where layer.forwards ?? layer == .router:
        attributes["factor"] = .real([1, 1, 2.5, 0.5, 16].randomElement(using: &source) ?? 1)
      case "scheme": attributes["scheme"] = .word(attribute.words.randomElement(using: &source) ?? "int8")
      case "rule": attributes["rule"] = .word(attribute.words.randomElement(using: &source) ?? "floor")
      case "least": attributes["least"] = .real([0, 0, 0, 1e-4, 0x1p-9, 1e-12].randomElement(using: &source) ?? 0)
      case "globalScale":
        var own = SeededSource(seed: source.peek, stream: "globalScale", index: 0)
        attributes["globalScale"] = .real([1, 1, 896, 37.25, 0x1p-3, 2688, 0.013].randomElement(using: &own) ?? 1)
      case "score": attributes["score"] = .word(attribute.words.randomElement(using: &source) ?? "softmax")
      case "interleaved", "addsOne", "renormalised", "addsToSum", "postNormalised", "root", "divides":
        attributes[attribute.name] = .flag(source.oneIn(2))
      case "temperature": attributes["temperature"] = .real([0, 1, 1, 0.7, 2, 0.01].randomElement(using: &source) ?? 1)
      case "topK":
        attributes["topK"] = .integer(source.oneIn(2) ? 0 : source.size(1...(extents["vocabulary"] ?? 64)))
      case "topP": attributes["topP"] = .real([1, 1, 0.9, 0.5, 0.1, 0.99].randomElement(using: &source) ?? 1)
      case "minP": attributes["minP"] = .real([0, 0, 0.05, 0.5, 1, 1e-6].randomElement(using: &source) ?? 0)
      case "causal": attributes["causal"] = .flag(!source.oneIn(4))
      case "window": attributes["window"] = .integer(source.oneIn(2) ? 0 : source.size(1...(extents["positions"] ?? 4)))
      case "windowAfter":
        // From a source of its own, so that the numbers of cases without one are as they were.
        var own = source
        let isDrawn = attributes["causal"] == .flag(false) && own.oneIn(2)
        attributes["windowAfter"] = .integer(isDrawn ? own.size(1...(extents["positions"] ?? 4)) : 0)
      case "scale": attributes["scale"] = .real([0, 0, 1, 0.0625, 0.1, 3].randomElement(using: &source) ?? 0)
      case "softCap": attributes["softCap"] = .real([0, 0, 30, 50, 1, 0.3].randomElement(using: &source) ?? 0)
      case "alibi":
        // Beside the stream, so that the numbers behind it do not depend on whether a layer has a linear bias.
        var own = SeededSource(seed: source.peek, stream: "alibi", index: 0)
        attributes["alibi"] = .real([0, 0, 0, 8, 4, 7.3].randomElement(using: &own) ?? 0)
      case "scalingFactor":
        attributes["scalingFactor"] = .real([1, 1, 2, 4, 8, 3, 0.7].randomElement(using: &source) ?? 1)
      case "factor":
        attributes["factor"] = .real([2, 640, 0.22, 12, 1.7320508, 0x1p-20].randomElement(using: &source) ?? 1)
      case "alpha": attributes["alpha"] = .real([1.702, 1.702, 1, 0.5, 3].randomElement(using: &source) ?? 1)
      case "limit": attributes["limit"] = .real([7, 7, 1, 0.3, 20].randomElement(using: &source) ?? 1)
      case "smoothing": attributes["smoothing"] = .real([0, 0, 0.1, 0.5, 1].randomElement(using: &source) ?? 0)
      case "zLoss": attributes["zLoss"] = .real([0, 0, 1e-4, 0.01, 1].randomElement(using: &source) ?? 0)
      case "ignored":
        attributes["ignored"] = .integer(
          source.oneIn(2) ? -1 : Int.random(in: 0..<(extents["vocabulary"] ?? 1), using: &source))
      case "activation": attributes["activation"] = .word(attribute.words.randomElement(using: &source) ?? "relu")
      case "rotatedSize":
        let pairs = (extents["headSize"] ?? 2) / 2
        attributes["rotatedSize"] = .integer(source.oneIn(2) ? 0 : 2 * Int.random(in: 1...pairs, using: &source))
      case "firstPosition": attributes["firstPosition"] = .integer(firstPosition(layer, fixed, using: &source))
      default: break
      }
    }
    if layer == .router { attributes.merge(RouterDraw.attributes(extents["experts"] ?? 1, using: &source)) { $1 } }
  }

  /// Whether a case of `layer` has the matrices of several experts.
  private static func isOfExperts(_ layer: LayerKind) -> Bool { layer.forwards ?? layer == .experts }

  /// No more places than experts, which differ: what is fixed stays, where it can.
  private mutating func fitChoice(_ fixed: [String: Int]) {
    guard let chosen = extents["chosen"], let experts = extents["experts"], chosen > experts else { return }
    if fixed["chosen"] == nil {
      extents["chosen"] = experts
    } else if fixed["experts"] == nil {
      extents["experts"] = chosen
    }
  }

  /// A position that fits the keys, where there are keys; otherwise any up to far beyond every context.
  private mutating func firstPosition(
    _ layer: LayerKind, _ fixed: [String: Int], using source: inout SeededSource
  ) -> Int {
    guard var positions = extents["positions"] else { return source.size(0...1 << 20) }
    var tokens = extents["tokens"] ?? 1
    // Of two that do not fit, the one that is free gives way; where none is, the case is refused.
    if tokens > positions, fixed["tokens"] != nil, fixed["positions"] == nil { positions = tokens }
    if fixed["tokens"] == nil { tokens = min(tokens, positions) }
    (extents["tokens"], extents["positions"]) = (tokens, positions)
    // Without a causal mask queries may stand anywhere, and see nothing beyond a window.
    if attributes["causal"] == .flag(false) && source.oneIn(2) { return source.size(0...128) }
    guard tokens <= positions else { return 0 }
    return Int.random(in: 0...(positions - tokens), using: &source)
  }
}
