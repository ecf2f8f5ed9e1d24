import Foundation
import PlumbModel
import PlumbVerdicts

/// y = Σₛ softmax(scores)[s] · value[s, g(h)], over the positions that the token sees.
struct PlainAttention: PlainLayer {
  static let layer = LayerKind.attention

  /// The map from a query head to a head of keys or values, from the numbers of both.
  typealias HeadMap = (_ head: Int, _ heads: Int, _ others: Int) -> Int

  var query: Activation<Double>
  var key: Activation<Double>
  var value: Activation<Double>
  /// The position of row 0.
  var firstPosition: Int
  var mask: PlainMask
  /// How many positions a token sees beyond the last one that it should.
  var seenBeyond = 0
  var keyHead: HeadMap = { $0 / ($1 / $2) }
  var valueHead: HeadMap = { $0 / ($1 / $2) }
  /// The layer's own scale and its soft cap; 0 for none.
  let scale: Double
  let cap: Double
  var scaled: (_ sum: Double, _ size: Double) -> Double = { $0 / $1.squareRoot() }
  var capped: (_ score: Double, _ cap: Double) -> Double = PlainSoftCap.capped
  /// The weights of the scores that are seen; and what is added to the scores of the others, which count then.
  var weights: ([Double]) -> [Double] = PlainStep.softmax
  var penalty: Double?
  var round = LastRounding.nearest

  init(_ input: CheckedCase) {
    self.init(
      PlainMask(input), scale: Double(input.number("scale")), cap: Double(input.number("softCap")),
      query: input.real("query").map(Double.init), key: input.real("key").map(Double.init),
      value: input.real("value").map(Double.init))
    firstPosition = input.integer("firstPosition")
  }

  /// The attention from position 0 on; a scale or a cap of 0 is none.
  init(
    _ mask: PlainMask, scale: Double, cap: Double, query: Activation<Double>, key: Activation<Double>,
    value: Activation<Double>
  ) {
    (self.query, self.key, self.value) = (query, key, value)
    firstPosition = 0
    self.mask = mask
    self.scale = scale
    self.cap = cap
    if scale != 0 { scaled = { sum, _ in sum * scale } }
  }

  func output() -> Activation<Float> { values().map(round) }

  /// The result before its rounding, `[tokens, heads, headSize]`.
  func values() -> Activation<Double> {
    let (tokens, heads, size) = (query.shape[0], query.shape[1], query.shape[2])
    var result = [Double](repeating: 0, count: query.elements.count)
    for token in 0..<tokens {
      for head in 0..<heads {
        let (seen, weights) = weights(token, head)
        for element in 0..<size {
          result[(token * heads + head) * size + element] = zip(seen, weights).reduce(0) {
            let row = $1.0 * value.shape[1] + valueHead(head, heads, value.shape[1])
            return $0 + $1.1 * value.elements[row * size + element]
          }
        }
      }
    }
    return Activation(shape: query.shape, elements: result)
  }

  private func weights(_ token: Int, _ head: Int) -> (seen: [Int], weights: [Double]) {
    let (heads, size, positions) = (query.shape[1], query.shape[2], key.shape[0])
    let range = mask.seen(from: firstPosition + token, of: positions)
    let seen = range.lowerBound..<max(range.lowerBound, min(positions, range.upperBound + seenBeyond))
    let counted = penalty == nil ? Array(seen) : Array(0..<positions)
    let scores = counted.map { position in
      let row = position * key.shape[1] + keyHead(head, heads, key.shape[1])
      let sum = (0..<size).reduce(0.0) {
        $0 + query.elements[(token * heads + head) * size + $1] * key.elements[row * size + $1]
      }
      return capped(scaled(sum, Double(size)), cap) + (seen.contains(position) ? 0 : penalty ?? 0)
    }
    return (counted, weights(scores))
  }

  /// The newest row of what the cache holds becomes a copy of the one before it.
  private func stale(_ cache: Activation<Double>) -> Activation<Double> {
    let row = cache.shape[1] * cache.shape[2]
    let newest = min(firstPosition + query.shape[0], cache.shape[0]) - 1
    guard newest > 0 else { return cache }
    var result = cache
    for index in 0..<row { result.elements[newest * row + index] = cache.elements[(newest - 1) * row + index] }
    return result
  }

  static let mutants: [Mutant] = [
    mutant("stale-key", "The newest key is that of the position before it.") { $0.key = $0.stale($0.key) },
    mutant("stale-value", "The newest value is that of the position before it.") { $0.value = $0.stale($0.value) },
    mutant("stale-slot", "The newest slot of the cache is that of the position before it.") {
      $0.key = $0.stale($0.key)
      $0.value = $0.stale($0.value)
    },
    mutant("values-one-late", "Each weight meets the value of the position after its own.") { plain in
      let row = plain.value.shape[1] * plain.value.shape[2]
      plain.value.elements = Array(plain.value.elements.dropFirst(row) + plain.value.elements.prefix(row))
    },
    mutant("cache-in-float16", "Keys and values go through binary16.") {
      $0.key = $0.key.map { NarrowFormat.float16.rounded($0) }
      $0.value = $0.value.map { NarrowFormat.float16.rounded($0) }
    },
    mutant("keys-in-float16", "Keys go through binary16.") {
      $0.key = $0.key.map { NarrowFormat.float16.rounded($0) }
    },
    mutant("values-in-bf16", "Values go through bfloat16.") {
      $0.value = $0.value.map { NarrowFormat.bfloat16.rounded($0) }
    },
    mutant("heads-modulo", "Query heads take heads of keys and values in turn.") {
      $0.keyHead = { head, _, others in head % others }
      $0.valueHead = $0.keyHead
    },
    mutant("keys-modulo", "Query heads take heads of keys in turn, but not those of values.") {
      $0.keyHead = { head, _, others in head % others }
    },
    mutant("first-head-for-all", "Every query head takes the first head of keys and values.") {
      $0.keyHead = { _, _, _ in 0 }
      $0.valueHead = $0.keyHead
    },
    mutant("mask-one-short", "A token does not see itself.") { $0.seenBeyond = -1 },
    mutant("mask-one-long", "A token sees the position after its own.") { $0.seenBeyond = 1 },
    mutant("mask-ignored", "Every token sees every position.") {
      $0.mask.isCausal = false
      $0.mask.window = 0
    },
    mutant("mask-despite-none", "A token sees no position after its own even where it should.") {
      $0.mask.isCausal = true
    },
    mutant("mask-from-0", "The first token is taken to stand at position 0.") { $0.firstPosition = 0 },
    mutant("mask-of-10000", "10000 is taken from scores that should not count.") { $0.penalty = -10000 },
    mutant("window-ignored", "A token sees all positions in spite of a window.") { $0.mask.window = 0 },
    mutant("window-one-long", "A window shows one position too many.") { $0.mask.widen() },
    mutant("window-one-short", "A window shows one position too few.") { $0.mask.narrow() },
    mutant("scale-1-over-d", "Scores are divided by the head's size, not by its root.") { $0.scaled = { $0 / $1 } },
    mutant("scale-forgotten", "Scores are not scaled.") { $0.scaled = { sum, _ in sum } },
    mutant("scale-ignored", "A scale of the layer's own is ignored.") { $0.scaled = { $0 / $1.squareRoot() } },
    mutant("scale-in-bf16", "The scale is kept in bfloat16.") { plain in
      let scaled = plain.scaled
      plain.scaled = { $0 * NarrowFormat.bfloat16.rounded(scaled(1, $1)) }
    },
    mutant("cap-forgotten", "The soft cap is forgotten.") { $0.capped = PlainSoftCap.forgotten },
    mutant("cap-by-clamping", "Scores are cut off at the soft cap.") { $0.capped = PlainSoftCap.clamped },
    mutant("cap-not-multiplied", "The hyperbolic tangent is not multiplied by the soft cap again.") {
      $0.capped = PlainSoftCap.notMultiplied
    },
    mutant("no-maximum", "The greatest score is not subtracted, and Float32 overflows.") {
      $0.weights = { scores in
        let powers = scores.map { exp(Float($0)) }
        let sum = powers.reduce(0, +)
        return powers.map { Double($0 / sum) }
      }
    },
    mutant("not-normalised", "The weights are not divided by their sum.") {
      $0.weights = { scores in scores.map { exp($0 - (scores.max() ?? 0)) } }
    },
    mutant("one-added", "1 is added to the sum that divides.") {
      $0.weights = { scores in
        let powers = scores.map { exp($0 - (scores.max() ?? 0)) }
        return powers.map { $0 / powers.reduce(1, +) }
      }
    },
    mutant("weights-in-bf16", "The weights are kept in bfloat16.") {
      $0.weights = { PlainStep.softmax($0).map { NarrowFormat.bfloat16.rounded($0) } }
    },
    mutant("weights-in-float16", "The weights are kept in binary16.") {
      $0.weights = { PlainStep.softmax($0).map { NarrowFormat.float16.rounded($0) } }
    },
    mutant("scores-in-float16", "The scores are kept in binary16.") {
      $0.weights = { PlainStep.softmax($0.map { NarrowFormat.float16.rounded($0) }) }
    },
    mutant("result-in-float16", "The result goes through binary16.") { $0.round = LastRounding.float16 },
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
  ]
}
