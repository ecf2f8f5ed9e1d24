import PlumbCases
import PlumbModel
import PlumbVerdicts

/// A case of any layer with one axis of up to 4,096 and numbers of any exponent, whether or not something can be claimed
/// of it.
struct HostileCase {
  /// Extents at which blocks, vectors and tables end, and those beside them.
  private static let edges = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096]

  /// The case number `index` of `layer`.
  static func make(_ layer: LayerKind, _ index: Int) -> LayerCase {
    var source = SeededSource(seed: 22, stream: "sizes of \(layer.rawValue)", index: index)
    let signature = Catalogue.signature(of: layer)
    let names = Set(signature.tensors.flatMap(\.shape)).sorted()
    var extents = [String: Int](uniqueKeysWithValues: names.map { ($0, Int.random(in: 1...2, using: &source)) })
    let long = names.randomElement(using: &source) ?? ""
    let edge = edges.randomElement(using: &source) ?? 1
    extents[long] = min(max(1, edge + Int.random(in: -1...1, using: &source)), 4096)
    // As many positions come with tokens that see each other, and scores that are their product.
    if let tokens = extents["tokens"], layer == .block || extents["positions"] != nil {
      extents["tokens"] = min(tokens, 40)
      if let positions = extents["positions"] { extents["positions"] = max(min(tokens, 40), positions) }
    }
    if let size = extents["headSize"] { extents["headSize"] = max(2, size & ~1) }
    if extents["pairs"] != nil { extents["pairs"] = (extents["headSize"] ?? 2) / 2 }
    if let shared = extents["keyValueHeads"], let heads = extents["heads"] {
      extents["heads"] = max(shared, heads / shared * shared)
    }
    // Places that differ need as many experts.
    for slot in signature.tensors where slot.isDistinct {
      if let below = slot.below, let last = slot.shape.last {
        extents[below] = max(extents[below] ?? 1, extents[last] ?? 1)
      }
    }
    var result = LayerCase(layer: layer, tensors: [:])
    // A default may be more than the case has.
    if layer == .router, let experts = extents["experts"] {
      result.attributes["chosen"] = .integer(Int.random(in: 1...min(experts, 2), using: &source))
    }
    for slot in signature.tensors where !(slot.isOptional && source.oneIn(2)) {
      let shape = slot.shape.map { extents[$0] ?? 1 }
      let count = shape.reduce(1, *)
      if let below = slot.below {
        let last = (extents[below] ?? 1) - 1
        let indices =
          slot.isDistinct
          ? source.distinct(rows: shape.dropLast().reduce(1, *), of: shape.last ?? 0, below: last + 1)
          : (0..<count).map { _ in
            [0, last, Int.random(in: 0...last, using: &source)].randomElement(using: &source) ?? 0
          }
        result.tensors[slot.name] = .integer(Activation(shape: shape, elements: indices))
      } else {
        var numbers = numbers(count, using: &source)
        // Others are refused.
        if slot.name == "divisors" { numbers = numbers.map { $0.isFinite && $0 != 0 ? $0.magnitude : 1 } }
        result.tensors[slot.name] = .real(Activation(shape: shape, elements: numbers))
      }
    }
    for slot in signature.attributes where !source.oneIn(3) {
      var other = result
      other.attributes[slot.name] = attribute(slot, extents, using: &source)
      // What a layer refuses is said by other tests.
      if (try? CheckedCase(other)) != nil { result = other }
    }
    return result
  }

  private static func attribute(
    _ slot: LayerSignature.Attribute, _ extents: [String: Int], using source: inout SeededSource
  ) -> AttributeValue {
    switch slot.defaultValue {
    case .flag: return .flag(source.oneIn(2))
    case .integer:
      let sizes = extents.values.sorted() + [0, 1, 1 << 24 - 1, 1 << 24, 1 << 31, 1 << 53, .max - 1, .max]
      return .integer(sizes.randomElement(using: &source) ?? 0)
    case .real:
      let usual: [Float] = [0, -0.0, 1, 0.5, Float(1).nextDown, 1e-5, 10_000]
      let any = Float(bitPattern: UInt32(truncatingIfNeeded: source.next())).magnitude
      return .real(source.oneIn(2) ? usual.randomElement(using: &source) ?? 1 : any)
    case .word: return .word(slot.words.randomElement(using: &source) ?? "")
    }
  }

  /// `count` numbers: of one exponent, of all, next to the ends of Float32, alike, or with some that are not finite.
  private static func numbers(_ count: Int, using source: inout SeededSource) -> [Float] {
    let kind = Int.random(in: 0..<7, using: &source)
    let exponent = UInt32.random(in: 0...254, using: &source)
    let ends: [Float] = [
      0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude, .leastNormalMagnitude.nextDown,
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0x1p127, -1e9, 1,
    ]
    var result = (0..<count).map { _ -> Float in
      let bits = UInt32(truncatingIfNeeded: source.next())
      switch kind {
      case 0, 1: return Float(bitPattern: bits & 0x807F_FFFF | exponent << 23)
      case 2: return ends.randomElement(using: &source) ?? 0
      case 3: return Float(bitPattern: exponent << 23)
      case 4: return Float(bitPattern: bits & 0x807F_FFFF | UInt32.random(in: 120...130, using: &source) << 23)
      default:
        let any = Float(bitPattern: bits)
        return any.isFinite ? any : 0
      }
    }
    if kind == 6 || source.oneIn(8) {
      for _ in 0..<Int.random(in: 1...3, using: &source) where count > 0 {
        let odd: [Float] = [.nan, .infinity, -.infinity, 0, -0.0]
        result[Int.random(in: 0..<count, using: &source)] = odd.randomElement(using: &source) ?? .nan
      }
    }
    return result
  }
}
