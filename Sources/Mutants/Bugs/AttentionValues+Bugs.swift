import PlumbLayers
import PlumbModel

extension AttentionValues: Plantable where Context: BugContext {
  static var layer: LayerKind { .attentionValues }

  static var bugs: [Bug<Self>] {
    [
      mutant("mask-one-short", "A token does not see itself.") { $0.seen = { position, _ in 0..<position } }.restated {
        input in
        let first = input.integer("firstPosition")
        return input.source.setting("causal", .flag(true)).setting("window", .integer(0)).setting(
          "windowAfter", .integer(0)
        )
        .replacing("weights", input.real("weights").hiding { $1 == first + $0 })
      },
      mutant("mask-one-long", "A token sees the position after its own.") {
        $0.seen = { position, _ in 0..<position + 2 }
      },
      mutant("window-ignored", "A token sees all positions in spite of a window.") { $0.layer.window = nil }.restated {
        $0.source.setting("window", .integer(0))
      },
      mutant("window-one-long", "A window shows one position too many.") { $0.layer.widen() }.restatedWindow(by: 1),
      mutant("window-one-short", "A window shows one position too few.") { $0.layer.narrow() }.restatedWindow(by: -1),
      mutant("after-ignored", "A token sees all positions after its own in spite of a window.") {
        $0.layer.windowAfter = nil
      }.restated { $0.source.setting("windowAfter", .integer(0)) },
      mutant("after-one-long", "A window shows one position too many after a token's own.") {
        $0.layer.windowAfter = $0.layer.windowAfter.map { $0 + 1 }
      }.restated {
        let after = $0.integer("windowAfter")
        return after > 0 ? $0.source.setting("windowAfter", .integer(after + 1)) : nil
      },
      mutant("mask-despite-none", "A token sees no position after its own even where it should.") {
        $0.layer.isCausal = true
      }.restated { $0.source.setting("causal", .flag(true)).setting("windowAfter", .integer(0)) },
      mutant("no-mask", "Every token sees every position.") { $0.seen = { 0..<$1 } }.restated {
        $0.source.setting("causal", .flag(false)).setting("window", .integer(0)).setting("windowAfter", .integer(0))
      },
      mutant("mask-from-0", "The first token is taken to stand at position 0.") { $0.firstPosition = 0 }.restated {
        $0.source.setting("firstPosition", .integer(0))
      },
      mutant("first-position-skipped", "Position 0 is left out of every sum but its own.") {
        $0.seen = { position, _ in min(1, position)..<position + 1 }
      }.restated { input in
        let first = input.integer("firstPosition")
        return input.source.setting("causal", .flag(true)).setting("window", .integer(0)).setting(
          "windowAfter", .integer(0)
        )
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
        $0.value = $0.kept($0.value, in: .float16)
      }.restated(keeping: "value", in: .float16),
      mutant("weights-in-bf16", "The weights are kept in bfloat16.") {
        $0.weights = $0.kept($0.weights, in: .bfloat16)
      }.restated(keeping: "weights", in: .bfloat16),
      mutant("sum-in-bf16", "Products and sums are kept in bfloat16.") {
        $0.sum = { $0.dot($1, in: .bfloat16) }
      },
      mutant("sum-in-float16", "Products and sums are kept in binary16.") {
        $0.sum = { $0.dot($1, in: .float16) }
      },
      mutant("weights-normalised", "The weights are divided by their sum once more.") {
        $0.sum = { weights, values in weights.dot(values) / weights.total }
      },
      mutant("heads-first", "The result is written as [heads, tokens, headSize].") { $0.isHeadFirst = true },
      truncated,
      flushed,
      rowTailSkipped, vectorTailSkipped,
    ] + matrixSumBugs
  }
}
