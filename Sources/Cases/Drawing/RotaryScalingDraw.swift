import PlumbModel
import PlumbVerdicts

/// The scaling of the rotary frequencies of drawn cases, whose numbers depend on each other.
struct RotaryScalingDraw {
  /// The divisors that a case has where it has any.
  private let pairs: Int
  /// The attributes that every case has.
  private let fixed: [String: AttributeValue]

  /// The scaling of the cases of `layer`, whose heads have `pairs`; `nil` where it has none.
  init?(_ layer: LayerKind, pairs: Int?, keeping fixed: [String: AttributeValue]) {
    guard let pairs, Catalogue.signature(of: layer).attributes.contains(where: { $0.name == "scaling" }) else {
      return nil
    }
    self.pairs = pairs
    self.fixed = fixed
  }

  /// Scales one case in three, by a rule or by divisors, or all by the rule that is fixed; none where that is `none`.
  ///
  /// *Edge cases*: a case that the drawn numbers do not fit stays as it was, but for the rule that is fixed.
  func scale(_ input: inout LayerCase, using source: inout SeededSource) {
    let plain = AttributeValue.word(RotaryScalingPart.Rule.none.rawValue)
    guard fixed["scaling"] != plain else { return }
    if fixed["magnitude"] == nil, source.oneIn(3) {
      input.attributes["magnitude"] = .real([1.2079442, 1.1902381, 0.5, 3].randomElement(using: &source) ?? 1)
    }
    guard fixed["scaling"] != nil || source.oneIn(3) else { return }
    for _ in 0..<16 {
      let candidate = drawn(input, using: &source)
      if (try? CheckedCase(candidate)) != nil {
        input = candidate
        return
      }
    }
  }

  /// `input` with numbers of a scaling that may not fit it.
  private func drawn(_ input: LayerCase, using source: inout SeededSource) -> LayerCase {
    var result = input
    let rule = RotaryScalingPart.Rule.allCases.randomElement(using: &source) ?? .none
    let turns: (low: Float, high: Float) =
      [(1, 4), (1, 32), (0.5, 1), (2, 3)].randomElement(using: &source) ?? (1, 4)
    var drawn: [String: AttributeValue] = [
      "scaling": .word(rule.rawValue),
      "contextFactor": .real([8, 32, 4, 2, 40, 0.7].randomElement(using: &source) ?? 8),
      "originalContext": .integer([8192, 4096, 32_768, 64, 513].randomElement(using: &source) ?? 8192),
      "lowTurns": .real(turns.low), "highTurns": .real(turns.high),
    ]
    // YaRN's places lie within a head of a base that is great enough.
    if source.oneIn(2) { drawn["theta"] = .real([10_000, 500_000].randomElement(using: &source) ?? 10_000) }
    result.attributes.merge(drawn.merging(fixed) { $1 }) { $1 }
    if result.attributes["scaling"] == .word(RotaryScalingPart.Rule.none.rawValue) {
      let divisors = (0..<pairs).map { _ in [1, 1.05, 2, 8, 64.7, 0.9].randomElement(using: &source) ?? Float(1) }
      result.tensors[RotaryScalingPart.divisors] = .real(Activation(shape: [pairs], elements: divisors))
    }
    return result
  }
}
