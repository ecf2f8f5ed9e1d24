import PlumbLayers
import PlumbModel

extension CrossEntropyBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .crossEntropyBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("target-plus-1", "1 is subtracted at the target's successor.") { plain in
        let columns = plain.softmax.x.columns
        plain.targets = plain.targets.map { ($0 + 1) % columns }
      },
      mutant("targets-shifted", "Each row takes the next one's target.") {
        $0.targets = Array($0.targets.dropFirst() + $0.targets.prefix(1))
      },
      mutant("one-not-subtracted", "The weights are given.") { $0.own = { $0.parameter(0) } },
      mutant("one-added", "1 is added at the target.") { $0.own = { -$0 } },
      mutant("gradient-forgotten", "The loss's own gradient is not multiplied by.") {
        $0.incoming = { gradients, _ in gradients.number(1) }
      },
      mutant("first-gradient-for-all", "Every token takes the first one's gradient.") {
        $0.incoming = { gradients, _ in gradients[0] }
      },
      mutant("divided-by-tokens", "The gradient is divided by the number of tokens, as if the loss were their mean.") {
        $0.incoming = { $0[$1] / $0.number(Double($0.count)) }
      },
      mutant("ignored-counted", "An ignored target has a gradient.") { $0.layer.ignored = nil },
      mutant("target-0-ignored", "Target 0 is taken for padding and has no gradient.") { $0.layer.ignored = 0 },
      mutant("smoothing-forgotten", "The targets are not smoothed.") { $0.layer.smoothing = 0 },
      mutant("smoothed-over-others", "The smoothing is shared by one target fewer.") { $0.share = { $0 / ($1 - 1) } },
      mutant("z-loss-forgotten", "The square of the logarithm has no gradient.") { $0.layer.zLoss = 0 },
      mutant("z-loss-halved", "The square of the logarithm has half its gradient.") { $0.factor = { 1 + $1 * $0 } },
      mutant("weights-in-bf16", "The weights are kept in bfloat16.") {
        $0.softmax.round = { $0.rounded(to: .bfloat16) }
      },
      signFlipped, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped,
    ]
  }
}
