extension Tracked {
  /// The lesser of the number and `limit`, which no arithmetic rounds; no two numbers come farther apart.
  ///
  /// *Edge cases*: of NaN it may be NaN or the limit.
  package func kept(upTo limit: Double) -> Tracked {
    if isOutside { return self }
    // A number computed at or above the limit gives the limit that is exact.
    let value =
      isReal && computed.lower >= limit && lower >= limit
      ? Tracked(limit)
      : Tracked(
        lower: min(lower, limit), upper: min(upper, limit), error: error,
        specials: specials.intersection(.minusInfinity))
    if isFinite { return value }
    let isLimit = specials.contains(.plusInfinity) || specials.contains(.nan)
    return (isLimit ? value.or(limit, limit) : value).joined(specials.subtracting(.plusInfinity))
  }
}
