import PlumbModel

/// y[h, t, s] = scale · Σᵢ query[t, h, i] · key[s, g(h), i], soft-capped, for the positions that the token sees.
struct PlainAttentionScores<Number: PlainNumber>: PlainForm {
  typealias Enclosing = PlainAttentionScores<Enclosed>
  static var layer: LayerKind { .attentionScores }

  var query: Activation<Number>
  var key: Activation<Number>
  /// The position of row 0.
  var firstPosition: Int
  var mask: PlainMask
  /// How many positions a token sees beyond the last one that it should.
  var seenBeyond = 0
  /// The head of keys for a query head, from the number of heads and of those of keys.
  var keyHead: @Sendable (_ head: Int, _ heads: Int, _ keyHeads: Int) -> Int = { $0 / ($1 / $2) }
  /// The elements of a head whose products are added.
  var counted: Range<Int>
  /// The format of each product and each partial sum, where there is one.
  var partial: NarrowFormat?
  /// What becomes of the sum, which the head's size or the layer's own scale scales.
  var scaled: @Sendable (_ sum: Number, _ size: Number) -> Number = { $0 / $1.squareRoot() }
  /// Whether the layer has a scale of its own.
  let hasScale: Bool
  /// The soft cap; 0 for none.
  let cap: Double
  var capped: @Sendable (_ score: Number, _ cap: Double) -> Number = { PlainSoftCap.capped($0, $1) }
  /// Whether sums are capped before they are scaled.
  var isCappedFirst = false
  var round: @Sendable (Number) -> Number = { $0.nearest() }

  init(reading input: PlainInput<Number>) {
    query = input.real("query")
    key = input.real("key")
    firstPosition = input.integer("firstPosition")
    mask = PlainMask(input.source)
    counted = 0..<input.extent("headSize")
    let scale = input.number("scale")
    hasScale = input.source.number("scale") != 0
    cap = Double(input.source.number("softCap"))
    if hasScale { scaled = { sum, _ in sum * scale } }
  }

  func result() -> Activation<Number> {
    let (tokens, heads, headSize) = (query.shape[0], query.shape[1], query.shape[2])
    let (positions, keyHeads) = (key.shape[0], key.shape[1])
    var result = [Number](repeating: Number(-.infinity), count: heads * tokens * positions)
    for head in 0..<heads {
      for token in 0..<tokens {
        let seen = mask.seen(from: firstPosition + token, of: positions)
        for position in seen.lowerBound..<max(seen.lowerBound, min(positions, seen.upperBound + seenBeyond)) {
          let queryStart = (token * heads + head) * headSize
          let keyStart = (position * keyHeads + keyHead(head, heads, keyHeads)) * headSize
          let sum = Number.dot(
            query.elements[queryStart + counted.lowerBound..<queryStart + counted.upperBound],
            key.elements[keyStart + counted.lowerBound..<keyStart + counted.upperBound], in: partial)
          result[(head * tokens + token) * positions + position] = round(score(sum, Number(Double(headSize))))
        }
      }
    }
    return Activation(shape: [heads, tokens, positions], elements: result)
  }

  private func score(_ sum: Number, _ size: Number) -> Number {
    isCappedFirst ? scaled(capped(sum, cap), size) : capped(scaled(sum, size), cap)
  }

  static var bugs: [Bug<Self>] {
    [
      mutant("scale-1-over-d", "Scores are divided by the head's size, not by its root.") { $0.scaled = { $0 / $1 } }
        .restated { $0.source.setting("scale", .real(1 / Float($0.extent("headSize")))) },
      mutant("scale-forgotten", "Scores are not scaled.") { $0.scaled = { sum, _ in sum } }.restated {
        $0.source.setting("scale", .real(1))
      },
      mutant("scale-twice", "Scores are divided by the root twice over.") { $0.scaled = { $0 / $1.squareRoot() / $1 } }
        .restated { input in
          input.extent("headSize").powerOfTwoRoot.map { input.source.setting("scale", .real(1 / ($0 * $0 * $0))) }
        },
      mutant("scale-of-64", "Scores are divided by 8, as for heads of 64.") { $0.scaled = { sum, _ in sum / 8 } }
        .restated { $0.source.setting("scale", .real(0.125)) },
      mutant("scale-over-all-heads", "The root of the size of all heads together divides.") { plain in
        let heads = Number(Double(plain.query.shape[1]))
        plain.scaled = { $0 / (heads * $1).squareRoot() }
      }.restated { input in
        (input.extent("heads") * input.extent("headSize")).powerOfTwoRoot.map {
          input.source.setting("scale", .real(1 / $0))
        }
      },
      mutant("scale-in-bf16", "The scale is kept in bfloat16.") {
        $0.scaled = { $0 * (1 / $1.squareRoot()).rounded(to: .bfloat16) }
      }.restated {
        let scale = NarrowFormat.bfloat16.rounded(1 / Double($0.extent("headSize")).squareRoot())
        return $0.source.setting("scale", .real(Float(scale)))
      },
      mutant("soft-cap", "Scores are capped as 50·tanh(y / 50), which this model does not.") {
        $0.capped = { score, _ in 50 * (score / 50).hyperbolicTangent() }
      }.restated { $0.source.setting("softCap", .real(50)) },
      mutant("cap-forgotten", "The soft cap is forgotten.") { $0.capped = { PlainSoftCap.forgotten($0, $1) } }.restated
      {
        $0.source.setting("softCap", .real(0))
      },
      mutant("cap-by-clamping", "Scores are cut off at the soft cap.") { $0.capped = { PlainSoftCap.clamped($0, $1) } },
      mutant("cap-not-multiplied", "The hyperbolic tangent is not multiplied by the soft cap again.") {
        $0.capped = { PlainSoftCap.notMultiplied($0, $1) }
      },
      mutant("cap-before-scale", "Sums are capped before they are scaled.") { $0.isCappedFirst = true },
      mutant("scale-ignored", "A scale of the layer's own is ignored.") { $0.scaled = { $0 / $1.squareRoot() } }
        .restated { $0.source.setting("scale", .real(0)) },
      mutant("scale-and-root", "The root divides beside a scale of the layer's own.") { plain in
        guard plain.hasScale else { return }
        let scaled = plain.scaled
        plain.scaled = { scaled($0, $1) / $1.squareRoot() }
      }.restated { input in
        let scale = input.number("scale")
        guard scale != 0, let root = input.extent("headSize").powerOfTwoRoot else { return nil }
        return input.source.setting("scale", .real(scale / root))
      },
      mutant("window-one-short", "A window shows one position too few.") { $0.mask.narrow() }.restatedWindow(by: -1),
      mutant("mask-despite-none", "A token sees no position after its own even where it should.") {
        $0.mask.isCausal = true
      }.restated { $0.source.setting("causal", .flag(true)) },
      mutant("mask-one-short", "A token does not see itself.") { $0.seenBeyond = -1 },
      mutant("window-of-8", "A token sees the eight positions up to its own only, and 0 before.") {
        let first = $0.firstPosition
        let (tokens, positions) = ($0.query.shape[0], $0.key.shape[0])
        for position in 0..<positions where position + 8 < first + tokens {
          let row = $0.key.shape[1] * $0.key.columns
          for index in position * row..<(position + 1) * row { $0.key.elements[index] = 0 }
        }
      },
      mutant("mask-from-0", "The first token is taken to stand at position 0.") { $0.firstPosition = 0 }.restated {
        $0.source.setting("firstPosition", .integer(0))
      },
      mutant("heads-modulo", "Query heads take key heads in turn.") { $0.keyHead = { head, _, keys in head % keys } }
        .restated(changing: "key") { key, input in
          key.spread(over: input.extent("heads")) { head, _, keys in head % keys }
        },
      mutant("first-key-head", "Every query head takes the first key head.") { $0.keyHead = { _, _, _ in 0 } }.restated(
        changing: "key"
      ) { key, input in key.spread(over: input.extent("heads")) { _, _, _ in 0 } },
      mutant("head-for-head", "Query heads take the key head of their own number, or the last.") {
        $0.keyHead = { head, _, keys in min(head, keys - 1) }
      }.restated(changing: "key") { key, input in
        key.spread(over: input.extent("heads")) { head, _, keys in min(head, keys - 1) }
      },
      mutant("last-element-skipped", "The last element of a head is left out.") {
        $0.counted = 0..<max(0, $0.counted.count - 1)
      }.restated(changing: "key") { key, _ in key.keeping(columns: 0..<max(0, key.columns - 1)) },
      mutant("vector-elements-only", "Elements that do not fill a vector of eight are left out.") {
        $0.counted = 0..<$0.counted.count / 8 * 8
      }.restated(changing: "key") { key, _ in key.keeping(columns: 0..<key.columns / 8 * 8) },
      mutant("stale-key", "The newest key is that of the position before it.") { plain in
        let seen = min(plain.firstPosition + plain.query.shape[0], plain.key.shape[0])
        plain.key = plain.key.withStale(newest: seen - 1) ?? plain.key
      }.restated(changing: "key") { key, input in
        let seen = min(input.integer("firstPosition") + input.real("query").shape[0], key.shape[0])
        return key.withStale(newest: seen - 1)
      },
      mutant("first-query-for-all", "Every token asks with the first one's query.") { plain in
        let row = plain.query.shape[1] * plain.query.columns
        for index in plain.query.elements.indices { plain.query.elements[index] = plain.query.elements[index % row] }
      }.restated(changing: "query") { query, _ in
        let row = query.shape[1] * query.columns
        return Activation(shape: query.shape, elements: query.elements.indices.map { query.elements[$0 % row] })
      },
      mutant("keys-in-float16", "The cache of keys is kept in binary16.") {
        $0.key = $0.key.kept(in: .float16)
      }.restated(keeping: "key", in: .float16),
      mutant("keys-in-bf16", "The cache of keys is kept in bfloat16.") {
        $0.key = $0.key.kept(in: .bfloat16)
      }.restated(keeping: "key", in: .bfloat16),
      mutant("query-in-bf16", "The query is kept in bfloat16.") {
        $0.query = $0.query.kept(in: .bfloat16)
      }.restated(keeping: "query", in: .bfloat16),
      mutant("sum-in-bf16", "Products and sums are kept in bfloat16.") {
        $0.partial = .bfloat16
      },
      mutant("sum-in-float16", "Products and sums are kept in binary16.") {
        $0.partial = .float16
      },
      mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = { $0.flushed() } },
      mutant("truncated", "The result is cut off instead of rounded.") { $0.round = { $0.truncated() } },
      mutant(
        "mask-one-long", "A token sees the position after its own.",
        proof: "An excluded element holds no value, so that the layer claims nothing of it; "
          + "attention-values, whose result the mask changes, has this mutant too."
      ) { $0.seenBeyond = 1 },
    ]
  }
}

extension PlainAttentionScores: PlainLayer where Number == Double {}
