import PlumbModel

extension AttentionScores {
  /// The scores of a token without a linear bias, which one is added to.
  struct BiasedRow {
    let scores: Row<Context>
    /// The sums of products that they are made of.
    let sums: Row<Context>
    let position: Int
    /// The positions that the token sees, and how many there are.
    let seen: Range<Int>
    let end: Int
  }

  /// The slope of a head: a power of two, or of the head's with the least exponent, each rounded, and stored.
  func slope(of head: Int, _ bias: LinearBias) -> Scalar<Context> {
    let exponent = bias.exponents[head]
    if exponent == exponent.rounded() {
      return parameter(Double(sign: .plus, exponent: -Int(exponent), significand: 1))
    }
    func power(_ base: Scalar<Context>, _ exponent: Double) -> Scalar<Context> {
      base.power(context.scalar(context.exact(exponent))).stored
    }
    let slope = power(parameter(2), -exponent)
    guard let least = bias.exponents.min(), least > 0, exponent / least == (exponent / least).rounded() else {
      return slope
    }
    return slope.or(power(power(parameter(2), -least), exponent / least))
  }

  /// The scores with the bias, of which the distance from the token's own position is a factor, or that from the first or the last.
  ///
  /// A part that all scores of a row have in common leaves their softmax as it is, so that kernels leave it in. It is taken away here, by one
  /// product and one sum more than they compute, from scores that may be stored with it. The bias may meet the sums before they are
  /// scaled, and is added to stored scores or by the step that makes them.
  func biased(_ row: BiasedRow, _ slope: Scalar<Context>, isScaled: Bool) -> Row<Context> {
    let size = exact(layer.sizeOfScale)
    func numbers(_ distance: (Int) -> Int) -> Row<Context> {
      (slope * context.row(row.seen.map { exact(distance($0)).number })).stored
    }
    func added(_ numbers: Row<Context>) -> Row<Context> {
      func behind(_ bias: Row<Context>) -> Row<Context> { (row.scores.stored + bias).or(row.scores + bias) }
      guard isScaled else { return behind(numbers) }
      let behind = behind(scaled(numbers, size).stored)
      return layer.softCap == nil ? scaled((row.sums + numbers).stored, size).or(behind) : behind
    }
    func counted(from origin: Int) -> Row<Context> {
      let scores = added(numbers { $0 - origin }).stored
      let common = numbers { _ in origin - row.position }
      return scores + (isScaled ? scaled(common, size) : common)
    }
    let own = added(numbers { distance(row.position, $0) })
    guard layer.isCausal, !row.seen.isEmpty else { return own }
    return own.or(counted(from: 0)).or(counted(from: row.end - 1))
  }
}
