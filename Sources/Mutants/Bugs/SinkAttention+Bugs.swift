import PlumbLayers
import PlumbModel
import PlumbVerdicts

extension SinkAttention: Plantable where Context: BugContext {
  static var layer: LayerKind { .sinkAttention }

  static var bugs: [Bug<Self>] {
    [
      mutant("sink-forgotten", "The sinks are forgotten.") { plain in
        plain.attention.softmax.divisor = { $0.prefix($0.count - 1).total }
        plain.attention.softmax.shifted = { row in row - row.prefix(row.count - 1).greatest }
      },
      mutant("sink-in-maximum-alone", "The sink counts for the greatest score, and not for the sum.") {
        $0.attention.softmax.divisor = { $0.prefix($0.count - 1).total }
      },
      mutant("sink-twice", "The sink counts twice.") {
        $0.attention.softmax.divisor = { $0.appending($0[$0.count - 1]).total }
      },
      mutant("sink-of-0", "The sinks are 0: 1 is added to the sum of the exponentials.") {
        $0.sinks = $0.sinks.map { [context = $0.context] _ in context.parameter(0) }
      }.restated { $0.source.replacing("sinks", $0.real("sinks").map { _ in 0 }) },
      mutant("sink-negated", "The sinks' signs are turned.") {
        $0.sinks = $0.sinks.map { [context = $0.context] in context.negated($0) }
      }.restated { $0.source.replacing("sinks", $0.real("sinks").map { -$0 }) },
      mutant("sink-scaled", "The sink is divided by the root of the head's size, as scores are.") { plain in
        let (context, root) = (plain.context, plain.exact(plain.attention.scores.layer.sizeOfScale).squareRoot())
        plain.sinks = plain.sinks.map { (context.scalar($0) / root).number }
      },
      mutant("sink-of-next-head", "Each head has the sink of the next one.") {
        $0.sinks = Array($0.sinks.dropFirst() + $0.sinks.prefix(1))
      }.restated { input in
        let own = input.real("sinks")
        return input.source.replacing(
          "sinks", Activation(shape: own.shape, elements: Array(own.elements.dropFirst() + own.elements.prefix(1))))
      },
      mutant("sink-of-first-head", "Every head has the sink of the first one.") {
        $0.sinks = $0.sinks.map { [first = $0.sinks[0]] _ in first }
      }.restated { input in
        input.source.replacing(
          "sinks", input.real("sinks").map { [first = input.real("sinks").elements[0]] _ in first })
      },
      mutant("sink-in-bf16", "The sinks are kept in bfloat16.") { plain in
        plain.sinks = Array(plain.context.row(plain.sinks).rounded(to: .bfloat16).numbers)
      }.restated(keeping: "sinks", in: .bfloat16),
      mutant("weights-normalised", "The weights are divided by their sum once more, without the sink.") {
        $0.attention.softmax.quotient = { exponentials, _ in exponentials / exponentials.total }
      },
      mutant("first-position-sinks", "The first position is taken for the sink: its weight is dropped.") {
        $0.attention.softmax.quotient = { exponentials, sum in
          (exponentials / sum).enumerated { weight, index in index == 0 ? weight.parameter(0) : weight }
        }
      },
      mutant("heads-modulo", "Query heads take heads of keys and values in turn.") {
        $0.attention.setHeads { head, _, others in head % others }
      },
      mutant("mask-ignored", "Every token sees every position.") { $0.attention.scores.seen = { 0..<$1 } },
      mutant("mask-one-short", "A token does not see itself.") { $0.attention.scores.see(beyond: -1) },
      mutant("window-ignored", "A token sees all positions in spite of a window.") {
        $0.attention.scores.layer.window = nil
      },
      mutant("window-one-long", "A window shows one position too many.") { $0.attention.scores.layer.widen() },
      mutant("scale-forgotten", "Scores are not scaled.") { $0.attention.scores.scaled = { sum, _ in sum } },
      mutant("cap-forgotten", "The soft cap is forgotten.") { $0.attention.scores.layer.softCap = nil },
      mutant("weights-in-bf16", "The weights are kept in bfloat16.") {
        $0.attention.softmax.round = { $0.rounded(to: .bfloat16) }
      },
      resultInBfloat16,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
