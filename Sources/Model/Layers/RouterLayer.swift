/// The choice of some experts for each token by scores of their logits, and the weights of what they give.
///
/// With s the softmax of a token's logits, or the sigmoid of each, the `chosen` experts of the greatest s are chosen, of equal
/// ones the lowest index. The weight of one is its s, divided by the sum of those chosen where the layer `isRenormalised`; that
/// of an expert that is not chosen is 0. A `choiceBias` is added to the scores for the choice alone, and a `factor` multiplies the
/// weights. Where experts stand in `groups`, those of the groups that are kept alone are chosen.
/// Source: Shazeer et al. 2017, *Outrageously Large Neural Networks: The Sparsely-Gated Mixture-of-Experts Layer*, section 2.1;
/// Jiang et al. 2024, *Mixtral of Experts*, section 2.1; DeepSeek-AI 2024, *DeepSeek-V3 Technical Report*, section 2.1.2.
package struct RouterLayer: Sendable {
  /// The function that makes a score of a logit.
  package enum Score: String, Sendable, CaseIterable {
    /// e to the logit, divided by the sum of all experts'.
    case softmax
    /// 1 / (1 + e to less the logit), of each expert by itself.
    case sigmoid
  }

  /// The product that gives the logits, `[experts, hidden]`: experts of equal rows and biases have equal scores, whatever the
  /// token.
  package var logits: LinearLayer
  /// The number of experts that a token is given to.
  package var chosen: Int
  /// The function that makes a score of a logit.
  package var score: Score
  /// Whether the weights of the chosen experts are divided by their sum.
  package var isRenormalised: Bool
  /// The numbers that are added to the scores for the choice, `[experts]`; `nil` for none.
  package var choiceBias: Tensor?
  /// Whether 10⁻²⁰ is added to the sum that weights are divided by.
  package var addsToSum = false
  /// The number that multiplies the weights.
  package var factor: Float = 1
  /// The groups of experts that are chosen among first; `nil` for none.
  package var groups: ExpertGroups?

  /// The number of experts.
  package var experts: Int { logits.weight.rows }

  /// Makes the layer.
  package init(
    logits: LinearLayer, chosen: Int, score: Score = .softmax, isRenormalised: Bool, choiceBias: Tensor? = nil,
    addsToSum: Bool = false, factor: Float = 1, groups: ExpertGroups? = nil
  ) {
    self.groups = groups
    (self.choiceBias, self.addsToSum, self.factor) = (choiceBias, addsToSum, factor)
    self.logits = logits
    self.chosen = chosen
    self.score = score
    self.isRenormalised = isRenormalised
  }

  /// Whether two experts have equal logits for every token: equal rows, and equal biases where there are some.
  package func areEqual(_ one: Int, _ other: Int) -> Bool {
    guard logits.weight.hasEqualRows(one, other), let bias = logits.bias else {
      return logits.weight.hasEqualRows(one, other)
    }
    return bias.part(one..<one + 1)?.bytes == bias.part(other..<other + 1)?.bytes
  }
}

extension Tensor {
  /// Whether the rows `one` and `other` are stored as the same bytes, and so are the same numbers.
  fileprivate func hasEqualRows(_ one: Int, _ other: Int) -> Bool {
    // Sound: both rows lie within the tensor, all of whose bytes the pointer covers.
    unsafe withUnsafeBytes { all in
      let (first, second) = (one * bytesPerRow, other * bytesPerRow)
      return unsafe all[first..<first + bytesPerRow].elementsEqual(all[second..<second + bytesPerRow])
    }
  }

  /// The bytes of the whole tensor.
  fileprivate var bytes: [UInt8] {
    // Sound: they are copied while they are lent.
    unsafe withUnsafeBytes { unsafe Array($0) }
  }
}
