extension ArithmeticModel {
  /// The roundings of the sums of `terms` products of operands p ≤ 1 and v, in `tiles` groups that are added one after the other, as a part of
  /// Σ p·|v|, and beside that as a part of max |v| + 1; `nil` where nothing bounds them.
  ///
  /// *Error bound*: as that of `UnitBound`, of chains that each begin with the sum so far, which is one number more to be cut: with
  /// 2^E ≤ Σ p·|v| + λ·(max |v| + 1), λ being the least normal operand, as a subnormal p has its exponent. Units that round pass
  /// through γ of all terms, and may flush each twice.
  package func matrixRoundings(terms: Int, tiles: Int) -> (relative: Double, absolute: Double)? {
    guard let unit = matrixUnit else { return gamma(terms).map { ($0, 0) } }
    var greatest = (relative: 0.0, absolute: 0.0)
    for block in unit.blocks(of: operands) {
      let blocks = Double((terms + block.size - 1) / block.size + tiles)
      let own: (relative: Double, absolute: Double)
      switch block.addition {
      case .aligned(let bits, let output, _):
        let cut = Double(terms + tiles) * FloatFormat.power(-bits)
        own = (cut + blocks * 2 * output.roundoff, cut * operands.leastNormal)
      case .alignedApart:
        let cut = (Double(terms) + 2 * blocks) * 0x1p-24
        own = (cut + blocks * (0x1p-31 + accumulation.roundoff), cut * operands.leastNormal)
      case .rounded(_, let isOdd):
        var model = self
        model.isFaithful = isFaithful || isOdd
        guard let gamma = model.gamma(terms + tiles) else { return nil }
        own = (gamma, Double(2 * (terms + tiles)) * FloatFormat.float32.leastNormal * (1 + gamma))
      }
      greatest = (max(greatest.relative, own.relative.nextUp), max(greatest.absolute, own.absolute.nextUp))
    }
    return greatest
  }
}
