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

  /// The sum of `terms`, which are rounded, in the declared order.
  func ordered(_ terms: [Tracked]) -> Tracked {
    guard splits > 1, !terms.isEmpty else { return arranged(terms[...]) }
    var whole = self
    (whole.order, whole.splits, whole.partials) = (.any, 1, nil)
    return whole.anyOrder(
      chunks(of: terms[...], size: (terms.count + splits - 1) / splits).map { part in
        let sum = arranged(part)
        return partials.map { rounded(sum, to: $0) } ?? sum
      })
  }

  /// The sum of one part.
  private func arranged(_ terms: ArraySlice<Tracked>) -> Tracked {
    switch order {
    case .any:
      var whole = self
      whole.partials = nil
      return whole.anyOrder(Array(terms))
    case .lanes(let count):
      var lanes = (0..<min(count, terms.count)).map { lane in
        inSequence(stride(from: terms.startIndex + lane, to: terms.endIndex, by: count).map { terms[$0] })
      }
      while lanes.count > 1 {
        let half = (lanes.count + 1) / 2
        for lane in 0..<lanes.count - half { lanes[lane] = sum(lanes[lane], lanes[lane + half]) }
        lanes.removeLast(lanes.count - half)
      }
      return lanes.first ?? Tracked(0)
    case .tree:
      guard terms.count > 1 else { return terms.first ?? Tracked(0) }
      let middle = terms.startIndex + (terms.count + 1) / 2
      return sum(arranged(terms[..<middle]), arranged(terms[middle...]))
    case .blocks(let size):
      var whole = self
      (whole.order, whole.partials) = (.any, nil)
      return inSequence(chunks(of: terms, size: size).map { whole.anyOrder(Array($0)) })
    }
  }

  private func inSequence(_ terms: [Tracked]) -> Tracked {
    terms.dropFirst().reduce(terms.first ?? Tracked(0)) { sum($0, $1) }
  }

  private func chunks(of terms: ArraySlice<Tracked>, size: Int) -> [ArraySlice<Tracked>] {
    stride(from: terms.startIndex, to: terms.endIndex, by: size).map { terms[$0..<min($0 + size, terms.endIndex)] }
  }
}
