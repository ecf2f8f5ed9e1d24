import Foundation
import PlumbModel
import PlumbVerdicts

/// y[t] = log Σⱼ e^logits[t, j] − logits[t, target t].
struct PlainCrossEntropy: PlainLayer {
  static let layer = LayerKind.crossEntropy

  let logits: Activation<Float>
  var targets: [Int]
  /// The logits of a row that count, from its own.
  var counted: ([Double]) -> [Double] = { $0 }
  var exponential: (Double) -> Double = { exp($0) }
  /// The logarithm of 1 and the exponentials of the other elements.
  var logarithm: ([Double]) -> Double = { log1p($0.reduce(0, +)) }
  /// What becomes of all losses, of which the logits' rows are given.
  var finish: (_ losses: [Double], _ rows: [[Double]]) -> [Double] = { losses, _ in losses }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) {
    logits = input.real("logits")
    targets = input.integers("targets")
  }

  func output() -> Activation<Float> {
    let rows = (0..<logits.rows).map { logits.row($0).map(Double.init) }
    let losses = zip(rows, targets).map { row, target -> Double in
      let counted = counted(row)
      guard let greatest = counted.indices.max(by: { counted[$0] < counted[$1] }) else { return 0 }
      let others = counted.indices.filter { $0 != greatest }.map { exponential(counted[$0] - counted[greatest]) }
      return (counted[greatest] - row[target]) + logarithm(others)
    }
    return Activation(shape: [targets.count], elements: finish(losses, rows).map(round))
  }

  static let mutants: [Mutant] = [
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
      $0.finish = { losses, _ in losses.map { -$0 } }
    },
    mutant("mean-for-all", "Every row gets the mean of all.") {
      $0.finish = { losses, _ in losses.map { _ in losses.reduce(0, +) / Double(losses.count) } }
    },
    mutant("in-bits", "The logarithm is to base 2.") { $0.finish = { losses, _ in losses.map { $0 / log(2) } } },
    mutant("perplexity", "The exponential of the loss is given.") {
      $0.finish = { losses, _ in losses.map { exp($0) } }
    },
    mutant("probability-in-float32", "The logarithm is taken of a probability in Float32.") {
      $0.finish = { losses, _ in losses.map { Double(-log(Float(exp(-$0)))) } }
    },
    mutant("probability-guarded", "1e-9 is added to the probability against a logarithm of 0.") {
      $0.finish = { losses, _ in losses.map { -log(exp(-$0) + 1e-9) } }
    },
    mutant("smoothed", "A tenth of the weight goes to all other targets alike.") {
      $0.finish = { losses, rows in
        zip(losses, rows).map { loss, row in
          loss + 0.1 * ((row.max() ?? 0) - row.reduce(0, +) / Double(row.count))
        }
      }
    },
    mutant("target-0-ignored", "Target 0 is taken for padding and has no loss.") { plain in
      let targets = plain.targets
      plain.finish = { losses, _ in zip(losses, targets).map { $1 == 0 ? 0 : $0 } }
    },
    mutant("last-logit-skipped", "The last logit is left out of the sum.") {
      $0.counted = { $0.count > 1 ? $0.dropLast() : $0 }
    },
    mutant("greatest-not-counted", "The greatest logit is left out of the sum.") {
      $0.logarithm = { $0.isEmpty ? 0 : log($0.reduce(0, +)) }
    },
    mutant("small-sum-lost", "The logarithm is taken of the sum in Float32, where small terms are lost.") {
      $0.logarithm = { Double(log(Float(1 + $0.reduce(0, +)))) }
    },
    mutant("logarithm-forgotten", "The sum's logarithm is left out.") { $0.logarithm = { _ in 0 } },
    mutant("exponentials-in-bf16", "Exponentials are kept in bfloat16.") {
      $0.exponential = { NarrowFormat.bfloat16.rounded(exp($0)) }
    },
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
    mutant("result-in-float16", "The result goes through binary16.") { $0.round = LastRounding.float16 },
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated },
    rowTailSkipped, vectorTailSkipped,
  ]
}
