import PlumbLayers
import PlumbModel

extension LogSoftmax: Plantable where Context: BugContext {
  static var layer: LayerKind { .logSoftmax }

  static var bugs: [Bug<Self>] {
    [
      mutant("greatest-not-counted", "The greatest element is left out of the sum.") {
        $0.logarithm = { $0.logarithmWithoutGreatest }
      },
      mutant("small-sum-lost", "The logarithm is taken of the sum in Float32, where small terms are lost.") {
        $0.logarithm = { $0.total.rounded(to: .float32).logarithm().rounded(to: .float32) }
      },
      mutant("base-2-logarithm", "The logarithm is to base 2.") {
        $0.logarithm = { $0.logarithmOfSum / 0x1.62E42FEFA39EFp-1 }
      },
      mutant("base-2-exponential", "Powers of 2 are taken instead of powers of e.") {
        $0.exponential = { $0.exponentialOfTwo() }
      },
      mutant("logarithm-forgotten", "The sum's logarithm is not subtracted.") { $0.logarithm = { $0.number(0) } },
      mutant("logarithm-added", "The sum's logarithm is added.") { $0.logarithm = { -$0.logarithmOfSum } },
      mutant("last-term-skipped", "The last of the other exponentials is left out of the sum.") {
        $0.logarithm = { $0.withoutLastButGreatest.logarithmOfSum }
      },
      mutant("exponentials-in-bf16", "Exponentials are kept in bfloat16.") {
        $0.exponential = { $0.exponential().rounded(to: .bfloat16) }
      },
      truncated,
      resultInBfloat16,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
