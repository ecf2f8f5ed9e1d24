import PlumbLayers
import PlumbModel
import PlumbTolerance

extension AttentionScores: Plantable where Context: BugContext {
  static var layer: LayerKind { .attentionScores }

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
        let heads = plain.exact(plain.query.shape[1])
        plain.scaled = { $0 / (heads * $1).squareRoot() }
      }.restated { input in
        (input.extent("heads") * input.extent("headSize")).powerOfTwoRoot.map {
          input.source.setting("scale", .real(1 / $0))
        }
      },
      mutant("scale-in-bf16", "The scale is kept in bfloat16.") {
        $0.scaled = { $0 * (1 / $1.squareRoot()).rounded(to: .bfloat16) }
      }.restated {
        let scale = FloatFormat.bfloat16.rounded(1 / Double($0.extent("headSize")).squareRoot())
        return $0.source.setting("scale", .real(Float(scale)))
      },
      mutant("soft-cap", "Scores are capped as 50·tanh(y / 50), which this model does not.") {
        $0.capped = { score, _ in 50 * (score / 50).hyperbolicTangent() }
        $0.layer.softCap = 50
      }.restated { $0.source.setting("softCap", .real(50)) },
      mutant("cap-forgotten", "The soft cap is forgotten.") { $0.layer.softCap = nil }.restated {
        $0.source.setting("softCap", .real(0))
      },
      mutant("cap-by-clamping", "Scores are cut off at the soft cap.") { $0.capped = { SoftCap.clamped($0, $1) } },
      mutant("cap-not-multiplied", "The hyperbolic tangent is not multiplied by the soft cap again.") {
        $0.capped = { SoftCap.notMultiplied($0, $1) }
      },
      mutant("cap-before-scale", "Sums are capped before they are scaled.") { $0.isCappedFirst = true },
      mutant("scale-ignored", "A scale of the layer's own is ignored.") { $0.scaled = { $0 / $1.squareRoot() } }
        .restated { $0.source.setting("scale", .real(0)) },
      mutant("scale-and-root", "The root divides beside a scale of the layer's own.") { plain in
        guard plain.layer.scale != nil else { return }
        let scaled = plain.scaled
        plain.scaled = { scaled($0, $1) / $1.squareRoot() }
      }.restated { input in
        let scale = input.number("scale")
        guard scale != 0, let root = input.extent("headSize").powerOfTwoRoot else { return nil }
        return input.source.setting("scale", .real(scale / root))
      },
    ] + biases + [
      mutant("window-one-short", "A window shows one position too few.") { $0.layer.narrow() }.restatedWindow(by: -1),
      mutant("mask-despite-none", "A token sees no position after its own even where it should.") {
        $0.layer.isCausal = true
      }.restated { $0.source.setting("causal", .flag(true)).setting("windowAfter", .integer(0)) },
      mutant("mask-one-short", "A token does not see itself.") { $0.see(beyond: -1) },
      mutant("window-of-8", "A token sees the eight positions up to its own only, and 0 before.") {
        let first = $0.firstPosition
        let (tokens, positions) = ($0.query.shape[0], $0.key.shape[0])
        for position in 0..<positions where position + 8 < first + tokens {
          let row = $0.key.shape[1] * $0.key.columns
          for index in position * row..<(position + 1) * row { $0.key.elements[index] = $0.context.exact(0) }
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
        $0.key = $0.kept($0.key, in: .float16)
      }.restated(keeping: "key", in: .float16),
      mutant("keys-in-bf16", "The cache of keys is kept in bfloat16.") {
        $0.key = $0.kept($0.key, in: .bfloat16)
      }.restated(keeping: "key", in: .bfloat16),
      mutant("query-in-bf16", "The query is kept in bfloat16.") {
        $0.query = $0.kept($0.query, in: .bfloat16)
      }.restated(keeping: "query", in: .bfloat16),
      mutant("sum-in-bf16", "Products and sums are kept in bfloat16.") {
        $0.dot = { $0.dot($1, in: .bfloat16) }
      },
      mutant("sum-in-float16", "Products and sums are kept in binary16.") {
        $0.dot = { $0.dot($1, in: .float16) }
      },
      flushed,
      truncated,
      mutant(
        "mask-one-long", "A token sees the position after its own.",
        proof: "An excluded element holds no value, so that the layer claims nothing of it; "
          + "attention-values, whose result the mask changes, has this mutant too."
      ) { $0.see(beyond: 1) },
    ] + matrixSumBugs
  }

  /// Lets a token see `step` positions more than it should, or fewer.
  mutating func see(beyond step: Int) {
    seen = { [layer] position, positions in
      let right = layer.seen(from: position, of: positions)
      return right.lowerBound..<max(right.lowerBound, min(positions, right.upperBound + step))
    }
  }
}
