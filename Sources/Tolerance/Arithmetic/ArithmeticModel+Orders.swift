// Running error analysis of a declared order (Higham, section 3.3): each addition rounds the partial sum that it gives, of which the
// exact one is enclosed, so that many small partial sums are not charged with the sum of all magnitudes. Where only the order of
// blocks is declared, each block has the bound of any order.
extension ArithmeticModel {
  /// `bound`, of every order, or what the declared order gives where that is less; both hold.
  func narrowed(_ bound: Tracked, _ declared: () -> Tracked) -> Tracked {
    if order == .any && splits == 1 || bound.isExact { return bound }
    let declared = declared()
    if bound.isOutside || declared.isOutside { return bound.isOutside ? declared : bound }
    return Tracked(
      lower: max(bound.lower, declared.lower), upper: min(bound.upper, declared.upper),
      error: min(bound.error, declared.error), specials: bound.specials.intersection(declared.specials))
  }

  /// The sum of `terms`, which are rounded, in the declared order, and of `bias`, with which the first part and its first lane or block
  /// begins, or which is added after them.
  func ordered(_ terms: [Tracked], and bias: Tracked?) -> Tracked {
    guard let bias else { return ordered(terms, from: nil) }
    return ordered(terms, from: bias).orAs(sum(ordered(terms, from: nil), bias))
  }

  /// The sum of `terms` in the declared order; the first part, and its first lane or block, begins with `start`.
  private func ordered(_ terms: [Tracked], from start: Tracked?) -> Tracked {
    guard splits > 1, !terms.isEmpty else { return arranged(terms[...], from: start) }
    var whole = self
    (whole.order, whole.splits, whole.partials) = (.any, 1, nil)
    let parts = chunks(of: terms[...], size: (terms.count + splits - 1) / splits)
    return whole.anyOrder(
      parts.enumerated().map { index, part in
        let sum = arranged(part, from: index == 0 ? start : nil)
        return partials.map { rounded(sum, to: $0) } ?? sum
      })
  }

  /// The sum of one part, which begins with `start`.
  private func arranged(_ terms: ArraySlice<Tracked>, from start: Tracked?) -> Tracked {
    let first = start.map { [$0] } ?? []
    var whole = self
    (whole.order, whole.splits, whole.partials) = (.any, 1, nil)
    switch order {
    case .any: return whole.anyOrder(first + terms)
    case .lanes(let count):
      let lanes = (0..<max(1, min(count, terms.count))).map { lane in
        inSequence(
          (lane == 0 ? first : [])
            + stride(from: terms.startIndex + lane, to: terms.endIndex, by: count).map { terms[$0] })
      }
      return Self.pairwise(lanes, of: count, isAdjacent: false, adding: sum)
        .orAs(Self.pairwise(lanes, of: count, isAdjacent: true, adding: sum))
    case .tree:
      let terms = first + terms
      guard terms.count > 1 else { return terms.first ?? Tracked(0) }
      let middle = (terms.count + 1) / 2
      return sum(arranged(terms[..<middle], from: nil), arranged(terms[middle...], from: nil))
    case .blocks(let size):
      return inSequence(
        chunks(of: terms, size: size).enumerated().map { whole.anyOrder(($0 == 0 ? first : []) + $1) }
          + (terms.isEmpty ? first : []))
    }
  }

  /// The sum of the lanes, of which there are `count`, the last perhaps without a term: each with the one half of them farther on, or
  /// each with its neighbour, and so on.
  static func pairwise<Number>(
    _ lanes: [Number], of count: Int, isAdjacent: Bool, adding add: (Number, Number) -> Number
  ) -> Number {
    var (lanes, left) = (lanes, count)
    while left > 1 {
      let half = (left + 1) / 2
      if isAdjacent {
        lanes = stride(from: 0, to: lanes.count, by: 2).map { index in
          index + 1 < lanes.count ? add(lanes[index], lanes[index + 1]) : lanes[index]
        }
      } else {
        for lane in 0..<max(0, lanes.count - half) { lanes[lane] = add(lanes[lane], lanes[lane + half]) }
        lanes.removeLast(max(0, lanes.count - half))
      }
      left = half
    }
    return lanes[0]
  }

  private func inSequence(_ terms: [Tracked]) -> Tracked {
    terms.dropFirst().reduce(terms.first ?? Tracked(0)) { sum($0, $1) }
  }

  private func chunks(of terms: ArraySlice<Tracked>, size: Int) -> [ArraySlice<Tracked>] {
    stride(from: terms.startIndex, to: terms.endIndex, by: size).map { terms[$0..<min($0 + size, terms.endIndex)] }
  }
}
