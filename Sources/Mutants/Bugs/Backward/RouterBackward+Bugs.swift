import PlumbLayers
import PlumbModel

extension RouterBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .routerBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("renormalised-never", "The weights count as not divided by their sum.") {
        $0.layer.isRenormalised = false
      },
      mutant("renormalised-always", "The weights count as divided by their sum.") { $0.layer.isRenormalised = true },
      mutant("factor-forgotten", "The gradient has no factor.") { $0.layer.factor = 1 },
      mutant("factor-twice", "The factor is applied twice.") { $0.layer.factor *= $0.layer.factor },
      mutant("sigmoid-for-softmax", "The scores count as sigmoids.") { $0.layer.score = .sigmoid },
      mutant("softmax-for-sigmoid", "The scores count as softmaxes.") { $0.layer.score = .softmax },
      mutant("sum-forgotten", "The sum of the products is not subtracted.") {
        $0.subtracted = { weights, _ in weights.number(0) }
      },
      mutant("sum-added", "The sum of the products is added.") { $0.subtracted = { -$0.dot($1) } },
      mutant("sum-of-gradients", "The sum of the gradients is subtracted, without the weights.") {
        $0.subtracted = { $1.total }
      },
      mutant("sum-in-bf16", "The sum of the products is kept in bfloat16.") {
        $0.subtracted = { $0.dot($1, in: .bfloat16) }
      },
      mutant("next-expert", "The gradients are those of the experts after each.") { backward in
        let count = backward.logits.columns
        backward.choice = ExpertChoice(backward.choice.experts.map { $0.map { ($0 + 1) % max(count, 1) } })
      },
      mutant("first-tokens-choice", "The experts of every token are those of the first.") { backward in
        backward.choice = ExpertChoice(backward.choice.experts.map { _ in backward.choice.experts.first ?? [] })
      },
      mutant("last-expert-skipped", "The last chosen expert has no gradient.") { backward in
        backward.choice = ExpertChoice(backward.choice.experts.map { Array($0.prefix(max(1, $0.count - 1))) })
      },
      mutant("gradient-in-bf16", "The gradients are kept in bfloat16.") {
        $0.gradient = $0.kept($0.gradient, in: .bfloat16)
      },
      mutant("logits-in-bf16", "The logits are kept in bfloat16.") { $0.logits = $0.kept($0.logits, in: .bfloat16) },
      signFlipped, doubled, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
