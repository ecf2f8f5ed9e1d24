import PlumbLayers
import PlumbModel

extension CrossEntropy: Plantable where Context: BugContext {
  static var layer: LayerKind { .crossEntropy }

  static var bugs: [Bug<Self>] {
    [
      mutant("target-plus-1", "Each row takes the target's successor.") { plain in
        let columns = plain.logits.columns
        plain.targets = plain.targets.map { ($0 + 1) % columns }
      },
      mutant("targets-shifted", "Each row takes the next one's target.") {
        $0.targets = Array($0.targets.dropFirst() + $0.targets.prefix(1))
      },
      mutant("first-target-for-all", "Every row takes the first one's target.") { plain in
        plain.targets = plain.targets.map { _ in plain.targets[0] }
      },
      mutant("sign-forgotten", "The logarithm of the probability is given.") {
        $0.finish = { losses, _ in -losses }
      },
      mutant("mean-for-all", "Every row gets the mean of all.") {
        $0.finish = { losses, _ in
          let mean = losses.mean
          return losses.enumerated { _, _ in mean }
        }
      },
      mutant("in-bits", "The logarithm is to base 2.") {
        $0.finish = { losses, _ in losses / 0x1.62E42FEFA39EFp-1 }
      },
      mutant("perplexity", "The exponential of the loss is given.") {
        $0.finish = { losses, _ in losses.exponential() }
      },
      mutant("probability-in-float32", "The logarithm is taken of a probability in Float32.") {
        $0.finish = { losses, _ in
          -(-losses).exponential().rounded(to: .float32).logarithm().rounded(to: .float32)
        }
      },
      mutant("probability-guarded", "1e-9 is added to the probability against a logarithm of 0.") {
        $0.finish = { losses, _ in -((-losses).exponential() + 1e-9).logarithm() }
      },
      mutant("smoothed", "A tenth of the weight goes to all other targets alike.") {
        $0.finish = { losses, rows in
          losses.enumerated { loss, index in loss + 0.1 * (rows[index].greatest - rows[index].mean) }
        }
      },
      mutant("target-0-ignored", "Target 0 is taken for padding and has no loss.") { plain in
        let targets = plain.targets
        plain.finish = { losses, _ in
          losses.enumerated { $1 < targets.count && targets[$1] == 0 ? $0.parameter(0) : $0 }
        }
      },
      mutant("ignored-counted", "An ignored target has a loss.") { $0.layer.ignored = nil },
      mutant("smoothing-forgotten", "The targets are not smoothed.") { $0.layer.smoothing = 0 },
      mutant("smoothed-over-others", "The smoothing is shared by one target fewer.") { $0.share = { $0 / ($1 - 1) } },
      mutant("z-loss-forgotten", "The square of the logarithm is not added.") { $0.layer.zLoss = 0 },
      mutant("z-loss-not-squared", "The logarithm itself is added, times its factor.") { $0.square = { $1 * $0 } },
      mutant("last-logit-skipped", "The last logit is left out of the sum.") {
        $0.counted = { $0.prefix(max($0.count - 1, 1)) }
      },
      mutant("greatest-not-counted", "The greatest logit is left out of the sum.") {
        $0.logarithm = { $0.logarithmWithoutGreatest }
      },
      mutant("small-sum-lost", "The logarithm is taken of the sum in Float32, where small terms are lost.") {
        $0.logarithm = { $0.total.rounded(to: .float32).logarithm().rounded(to: .float32) }
      },
      mutant("logarithm-forgotten", "The sum's logarithm is left out.") { $0.logarithm = { $0.number(0) } },
      mutant("exponentials-in-bf16", "Exponentials are kept in bfloat16.") {
        $0.exponential = { $0.exponential().rounded(to: .bfloat16) }
      },
      resultInBfloat16,
      resultInFloat16,
      truncated,
      rowTailSkipped, vectorTailSkipped,
    ]
  }
}
