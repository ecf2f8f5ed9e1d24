/// y = Σⱼ e^(sⱼ − m)·vⱼ / Σⱼ e^(sⱼ − m), over tiles of keys, with m the greatest score so far.
///
/// As m rises from m′, the sums so far are multiplied by e^(m′ − m). Parts of the keys may be summed apart; their results are weighted by
/// the logarithms of their sums.
/// Source: Milakov & Gimelshein 2018, *Online normalizer calculation for softmax*; Dao et al. 2022, *FlashAttention*.
package struct OnlineSoftmax<Context: ArithmeticContext>: Sendable {
  /// The sums over some keys, relative to the greatest score.
  package struct Sums: Sendable {
    package var greatest: Scalar<Context>
    package var sum: Scalar<Context>
    package var values: Row<Context>
  }

  /// The keys of a tile.
  package var tile = 4
  /// The parts of the keys that are summed apart.
  package var splits = 1
  /// The greatest score so far, from the one before and the tile's own.
  package var greatest: @Sendable (_ before: Scalar<Context>, _ own: Scalar<Context>) -> Scalar<Context> = {
    before, own in
    before.context.row([before.number, own.number]).greatest
  }
  /// The factors of the sum and of the values before a tile.
  package var sumFactor: @Sendable (_ factor: Scalar<Context>, _ tile: Int) -> Scalar<Context> = { factor, _ in factor }
  package var valuesFactor: @Sendable (_ factor: Scalar<Context>, _ tile: Int) -> Scalar<Context> = { factor, _ in
    factor
  }
  /// The weights as they are added.
  package var counted: RowFunction<Context> = { $0 }
  /// The weights as they meet the values.
  package var cast: RowFunction<Context> = { $0.stored }
  /// The exponentials of differences.
  package var exponential: RowFunction<Context> = { $0.exponential() }
  /// The logarithm of a part's sum.
  package var logarithm: @Sendable (Scalar<Context>) -> Scalar<Context> = { $0.logarithm() }
  /// The results of the parts.
  package var parts: @Sendable ([Sums]) -> [Sums] = { $0 }
  /// The result from the values and the sum.
  package var quotient: @Sendable (_ values: Row<Context>, _ sum: Scalar<Context>) -> Row<Context> = { $0 / $1 }

  package init() {}

  /// The result, of one key or more; a `sink` is one key more, of values that are 0.
  package func attended(_ scores: Row<Context>, _ columns: [Row<Context>], sink: Context.Number? = nil) -> Row<Context>
  {
    if let sink { return attended(scores.joining(sink), columns.map { $0.joining($0.context.exact(0)) }) }
    let size = (scores.count + splits - 1) / splits
    let sums = parts(
      stride(from: 0, to: scores.count, by: size).map { summed(scores, columns, $0..<min($0 + size, scores.count)) })
    guard sums.count > 1 else { return quotient(sums[0].values, sums[0].sum) }
    let context = scores.context
    let logarithms = context.row(sums.map { ($0.greatest + logarithm($0.sum)).number })
    let weights = exponential(logarithms - logarithms.greatest)
    let results = sums.map { quotient($0.values, $0.sum) }
    let merged = columns.indices.map { element in weights.dot(context.row(results.map { $0[element].number })).number }
    return quotient(context.row(merged), weights.total)
  }

  /// The sums over the keys of `part`.
  private func summed(_ scores: Row<Context>, _ columns: [Row<Context>], _ part: Range<Int>) -> Sums {
    let context = scores.context
    var sums: Sums?
    for (index, first) in stride(from: part.lowerBound, to: part.upperBound, by: tile).enumerated() {
      let places = first..<min(first + tile, part.upperBound)
      let own = scores[places].greatest
      let top = sums.map { greatest($0.greatest, own) } ?? own
      let weights = exponential(scores[places] - top)
      let met = cast(weights)
      let products = context.row(columns.map { met.matrixDot($0[places]).number })
      guard let before = sums else {
        sums = Sums(greatest: top, sum: counted(weights).total, values: products)
        continue
      }
      let factor = exponential(context.row([(before.greatest - top).number]))[0]
      sums = Sums(
        greatest: top, sum: before.sum * sumFactor(factor, index) + counted(weights).total,
        values: before.values * valuesFactor(factor, index) + products)
    }
    return sums
      ?? Sums(greatest: context.scalar(context.exact(0)), sum: context.scalar(context.exact(0)), values: scores)
  }
}
