extension Engine {
  /// The one order in which a linear layer, an attention score or a weighted value adds its terms.
  ///
  /// Term j goes to lane j mod `lanes`. A lane starts at +0 and adds its products in ascending j: fused, fl(a·b + s);
  /// otherwise fl(fl(a·b) + s). Then the lanes are added pairwise: lane l takes in lane l + `lanes`/2, then
  /// l + `lanes`/4, and so on down to 1; lanes without a term hold +0. The result is lane 0.
  /// The order depends on the number of terms alone: never on threads, chunks, the cache or the other outputs.
  package struct SummationTree: Sendable, Hashable {
    /// The number of lanes; a power of two.
    package let lanes: Int
    /// Whether a product and the addition that follows are rounded once.
    package let fused: Bool

    /// The tree of `lanes`, a power of two.
    package init(lanes: Int, fused: Bool) {
      self.lanes = lanes
      self.fused = fused
    }

    /// The greatest number of roundings that any product passes through in a sum of `terms`, its own included.
    ///
    /// Lane 0 has the most terms, ⌈terms / lanes⌉. Fused, its first product is rounded by each of its additions.
    /// Otherwise the product is rounded, the first addition, to +0, is exact, and the others are rounded: as many.
    /// Adding lanes rounds only where both have a term; lane 0 takes in lane 2^k where 2^k < terms, and every other
    /// lane passes through fewer or as many. Hence |sum − exact| ≤ ((1 + 2⁻²⁴)^depth − 1)·Σ|aⱼ·bⱼ| + η, where underflow
    /// of products adds η ≤ terms·2⁻¹⁵⁰·(1 + 2⁻²⁴)^depth (additions have none).
    package func depth(terms: Int) -> Int {
      guard terms > 0 else { return 0 }
      var levels = 0
      while 1 << levels < min(terms, lanes) { levels += 1 }
      return (terms + lanes - 1) / lanes + levels
    }
  }
}
