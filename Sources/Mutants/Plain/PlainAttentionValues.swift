import PlumbModel

/// y[t, h, i] = Σₛ weights[h, t, s] · value[s, g(h), i], over the positions that the token sees.
struct PlainAttentionValues<Number: PlainNumber>: PlainForm {
  typealias Enclosing = PlainAttentionValues<Enclosed>
  static var layer: LayerKind { .attentionValues }

  var weights: Activation<Number>
  var value: Activation<Number>
  /// The position of row 0.
  var firstPosition: Int
  var mask: PlainMask
  /// The positions that a token sees, from its own and from how many there are; `nil` for those of the mask.
  var seen: (@Sendable (_ position: Int, _ positions: Int) -> Range<Int>)?
  /// The head of values for a query head, from the number of heads and of those of values.
  var valueHead: @Sendable (_ head: Int, _ heads: Int, _ valueHeads: Int) -> Int = { $0 / ($1 / $2) }
  /// The format of each product and each partial sum, where there is one.
  var partial: NarrowFormat?
  /// Whether weights are divided by their sum.
  var isNormalised = false
  /// Whether the result is written as `[heads, tokens, headSize]`.
  var isHeadFirst = false
  var round: @Sendable (Number) -> Number = { $0.nearest() }

  init(reading input: PlainInput<Number>) {
    weights = input.real("weights")
    value = input.real("value")
    firstPosition = input.integer("firstPosition")
    mask = PlainMask(input.source)
  }

  func result() -> Activation<Number> {
    let (heads, tokens, positions) = (weights.shape[0], weights.shape[1], weights.shape[2])
    let (valueHeads, headSize) = (value.shape[1], value.shape[2])
    var result = [Number](repeating: 0, count: tokens * heads * headSize)
    for token in 0..<tokens {
      for head in 0..<heads {
        let place = firstPosition + token
        let seen = seen.map { $0(place, positions).clamped(to: 0..<positions) } ?? mask.seen(from: place, of: positions)
        let row = (head * tokens + token) * positions
        let seenWeights = weights.elements[row + seen.lowerBound..<row + seen.upperBound]
        let divisor = isNormalised ? Number.sum(seenWeights) : 1
        let output = isHeadFirst ? head * tokens + token : token * heads + head
        for element in 0..<headSize {
          let values = seen.map { position in
            value.elements[(position * valueHeads + valueHead(head, heads, valueHeads)) * headSize + element]
          }
          let sum = Number.dot(seenWeights, values, in: partial)
          result[output * headSize + element] = round(sum / divisor)
        }
      }
    }
    return Activation(shape: [tokens, heads, headSize], elements: result)
  }

  static var bugs: [Bug<Self>] {
    [
      mutant("mask-one-short", "A token does not see itself.") { $0.seen = { position, _ in 0..<position } }.restated {
        input in
        let first = input.integer("firstPosition")
        return input.source.setting("causal", .flag(true)).setting("window", .integer(0))
          .replacing("weights", input.real("weights").hiding { $1 == first + $0 })
      },
      mutant("mask-one-long", "A token sees the position after its own.") {
        $0.seen = { position, _ in 0..<position + 2 }
      },
      mutant("window-ignored", "A token sees all positions in spite of a window.") { $0.mask.window = 0 }.restated {
        $0.source.setting("window", .integer(0))
      },
      mutant("window-one-long", "A window shows one position too many.") { $0.mask.widen() }.restatedWindow(by: 1),
      mutant("window-one-short", "A window shows one position too few.") { $0.mask.narrow() }.restatedWindow(by: -1),
      mutant("mask-despite-none", "A token sees no position after its own even where it should.") {
        $0.mask.isCausal = true
      }.restated { $0.source.setting("causal", .flag(true)) },
      mutant("no-mask", "Every token sees every position.") { $0.seen = { 0..<$1 } }.restated {
        $0.source.setting("causal", .flag(false)).setting("window", .integer(0))
      },
      mutant("mask-from-0", "The first token is taken to stand at position 0.") { $0.firstPosition = 0 }.restated {
        $0.source.setting("firstPosition", .integer(0))
      },
      mutant("first-position-skipped", "Position 0 is left out of every sum but its own.") {
        $0.seen = { position, _ in min(1, position)..<position + 1 }
      }.restated { input in
        let first = input.integer("firstPosition")
        return input.source.setting("causal", .flag(true)).setting("window", .integer(0))
          .replacing("weights", input.real("weights").hiding { $1 == 0 && first + $0 > 0 })
      },
      mutant("window-of-8", "A token sees the eight positions up to its own only.") {
        $0.seen = { position, _ in max(0, position - 7)..<position + 1 }
      }.restated {
        $0.integer("window") == 0 && $0.flag("causal") ? $0.source.setting("window", .integer(8)) : nil
      },
      mutant("heads-modulo", "Query heads take value heads in turn.") {
        $0.valueHead = { head, _, count in head % count }
      }.restated(changing: "value") { value, input in
        value.spread(over: input.extent("heads")) { head, _, keys in head % keys }
      },
      mutant("first-value-head", "Every query head takes the first value head.") { $0.valueHead = { _, _, _ in 0 } }
        .restated(changing: "value") { value, input in
          value.spread(over: input.extent("heads")) { _, _, _ in 0 }
        },
      mutant("head-for-head", "Query heads take the value head of their own number, or the last.") {
        $0.valueHead = { head, _, count in min(head, count - 1) }
      }.restated(changing: "value") { value, input in
        value.spread(over: input.extent("heads")) { head, _, keys in min(head, keys - 1) }
      },
      mutant("stale-value", "The newest value is that of the position before it.") { plain in
        let seen = min(plain.firstPosition + plain.weights.shape[1], plain.value.shape[0])
        plain.value = plain.value.withStale(newest: seen - 1) ?? plain.value
      }.restated(changing: "value") { value, input in
        let seen = min(input.integer("firstPosition") + input.real("weights").shape[1], value.shape[0])
        return value.withStale(newest: seen - 1)
      },
      mutant("values-one-late", "Each weight meets the value of the position after its own.") { plain in
        let row = plain.value.shape[1] * plain.value.columns
        plain.value.elements = Array(plain.value.elements.dropFirst(row) + plain.value.elements.prefix(row))
      }.restated(changing: "value") { value, _ in
        let row = value.shape[1] * value.columns
        return Activation(
          shape: value.shape, elements: Array(value.elements.dropFirst(row) + value.elements.prefix(row)))
      },
      mutant("values-in-float16", "The cache of values is kept in binary16.") {
        $0.value = $0.value.kept(in: .float16)
      }.restated(keeping: "value", in: .float16),
      mutant("weights-in-bf16", "The weights are kept in bfloat16.") {
        $0.weights = $0.weights.kept(in: .bfloat16)
      }.restated(keeping: "weights", in: .bfloat16),
      mutant("sum-in-bf16", "Products and sums are kept in bfloat16.") {
        $0.partial = .bfloat16
      },
      mutant("sum-in-float16", "Products and sums are kept in binary16.") {
        $0.partial = .float16
      },
      mutant("weights-normalised", "The weights are divided by their sum once more.") { $0.isNormalised = true },
      mutant("heads-first", "The result is written as [heads, tokens, headSize].") { $0.isHeadFirst = true },
      mutant("truncated", "The result is cut off instead of rounded.") { $0.round = { $0.truncated() } },
      mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = { $0.flushed() } },
      rowTailSkipped, vectorTailSkipped,
    ]
  }
}

extension PlainAttentionValues: PlainLayer where Number == Double {}
