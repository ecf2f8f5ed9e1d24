import PlumbLayers
import PlumbModel
import PlumbTolerance

extension Attention: Plantable where Context: BugContext {
  static var layer: LayerKind { .attention }

  static var bugs: [Bug<Self>] {
    [
      mutant("stale-key", "The newest key is that of the position before it.") {
        $0.scores.key = $0.stale($0.scores.key)
      },
      mutant("stale-value", "The newest value is that of the position before it.") {
        $0.values.value = $0.stale($0.values.value)
      },
      mutant("stale-slot", "The newest slot of the cache is that of the position before it.") {
        $0.scores.key = $0.stale($0.scores.key)
        $0.values.value = $0.stale($0.values.value)
      },
      mutant("values-one-late", "Each weight meets the value of the position after its own.") { plain in
        let value = plain.values.value
        let row = value.shape[1] * value.columns
        plain.values.value.elements = Array(value.elements.dropFirst(row) + value.elements.prefix(row))
      },
      mutant("cache-in-float16", "Keys and values go through binary16.") {
        $0.keepCache(in: .float16)
      },
      mutant("keys-in-float16", "Keys go through binary16.") {
        $0.scores.key = $0.kept($0.scores.key, in: .float16)
      },
      mutant("values-in-bf16", "Values go through bfloat16.") {
        $0.values.value = $0.kept($0.values.value, in: .bfloat16)
      },
      mutant("heads-modulo", "Query heads take heads of keys and values in turn.") {
        $0.setHeads { head, _, others in head % others }
      },
      mutant("keys-modulo", "Query heads take heads of keys in turn, but not those of values.") {
        $0.scores.keyHead = { head, _, others in head % others }
      },
      mutant("first-head-for-all", "Every query head takes the first head of keys and values.") {
        $0.setHeads { _, _, _ in 0 }
      },
      mutant("mask-one-short", "A token does not see itself.") { $0.scores.see(beyond: -1) },
      mutant("mask-one-long", "A token sees the position after its own.") { $0.scores.see(beyond: 1) },
      mutant("mask-ignored", "Every token sees every position.") {
        $0.scores.seen = { 0..<$1 }
      },
      mutant("mask-despite-none", "A token sees no position after its own even where it should.") {
        $0.scores.layer.isCausal = true
      },
      mutant("mask-from-0", "The first token is taken to stand at position 0.") { $0.scores.firstPosition = 0 },
      mutant("mask-of-10000", "10000 is taken from scores that should not count.") { plain in
        let (layer, context) = (plain.scores.layer, plain.context)
        plain.scores.seen = { 0..<$1 }
        plain.scores.added = { position, key in
          context.scalar(context.parameter(layer.allows(query: position, key: key) ? 0 : -10000))
        }
      },
      mutant("window-ignored", "A token sees all positions in spite of a window.") { $0.scores.layer.window = nil },
      mutant("window-one-long", "A window shows one position too many.") { $0.scores.layer.widen() },
      mutant("window-one-short", "A window shows one position too few.") { $0.scores.layer.narrow() },
      mutant("scale-1-over-d", "Scores are divided by the head's size, not by its root.") {
        $0.scores.scaled = { $0 / $1 }
      },
      mutant("scale-forgotten", "Scores are not scaled.") { $0.scores.scaled = { sum, _ in sum } },
      mutant("scale-ignored", "A scale of the layer's own is ignored.") { $0.scores.scaled = { $0 / $1.squareRoot() } },
      mutant("scale-in-bf16", "The scale is kept in bfloat16.") { plain in
        let scaled = plain.scores.scaled
        plain.scores.scaled = { $0 * scaled($0.parameter(1), $1).rounded(to: .bfloat16) }
      },
      mutant("cap-forgotten", "The soft cap is forgotten.") { $0.scores.layer.softCap = nil },
      mutant("cap-by-clamping", "Scores are cut off at the soft cap.") {
        $0.scores.capped = { SoftCap.clamped($0, $1) }
      },
      mutant("cap-not-multiplied", "The hyperbolic tangent is not multiplied by the soft cap again.") {
        $0.scores.capped = { SoftCap.notMultiplied($0, $1) }
      },
      mutant("alibi-forgotten", "The linear bias is forgotten.") { $0.scores.layer.linearBias = nil },
      mutant("alibi-reversed", "The slopes of the heads are in the reverse order.") {
        $0.scores.layer.linearBias = $0.scores.layer.linearBias?.reversed
      },
      mutant("alibi-rising", "The linear bias rises with the distance.") {
        $0.scores.distance = { abs($0 - $1) }
      },
      mutant("no-maximum", "The greatest score is not subtracted, and Float32 overflows.") {
        $0.softmax.shifted = { $0.rounded(to: .float32) }
        $0.softmax.exponential = { $0.exponential().rounded(to: .float32) }
        $0.softmax.divisor = { $0.total(in: .float32) }
        $0.softmax.round = { $0.rounded(to: .float32) }
      },
      mutant("not-normalised", "The weights are not divided by their sum.") {
        $0.softmax.divisor = { $0.number(1) }
      },
      mutant("one-added", "1 is added to the sum that divides.") {
        $0.softmax.divisor = { $0.appending($0.number(1)).total }
      },
      mutant("weights-in-bf16", "The weights are kept in bfloat16.") {
        $0.softmax.round = { $0.rounded(to: .bfloat16) }
      },
      mutant("weights-in-float16", "The weights are kept in binary16.") {
        $0.softmax.round = { $0.rounded(to: .float16) }
      },
      mutant("scores-in-float16", "The scores are kept in binary16.") {
        $0.scores.round = { $0.rounded(to: .float16) }
      },
      resultInFloat16,
      resultInBfloat16,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ] + onlineBugs
  }

  /// The newest row of what the cache holds becomes a copy of the one before it.
  private func stale(_ cache: Activation<Context.Number>) -> Activation<Context.Number> {
    let newest = min(scores.firstPosition + scores.query.shape[0], cache.shape[0]) - 1
    return cache.withStale(newest: newest) ?? cache
  }

  /// Keeps keys and values in `format`.
  mutating func keepCache(in format: FloatFormat) {
    scores.key = kept(scores.key, in: format)
    values.value = kept(values.value, in: format)
  }

  /// Gives each query head the head of keys and of values that `head` says.
  mutating func setHeads(_ head: @escaping @Sendable (_ head: Int, _ heads: Int, _ others: Int) -> Int) {
    scores.keyHead = head
    values.valueHead = head
  }
}
